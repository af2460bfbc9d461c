import type { RetryBody, RetryStarted, Run, RunResult, RunResultList } from '#shared/contracts/runs'
import { rowsPerPage } from './useList'

/** While something is about to be tried again its state is looked at this often */
const lookEveryMs = 2000

/**
 * What one run did, record by record: filtered and paged by the server; failed records can be tried
 * again.
 */
export function useRunResults(run: () => Run | null) {
  const api = useApi()
  const notices = useNotices()
  const finishedRuns = useState('finished-runs', () => 0)
  const outcome = ref('')
  const object = ref('')
  const cursors = ref<string[]>([])
  const data = shallowRef<RunResultList | null>(null)
  const problem = ref<Problem | null>(null)
  const isLoading = ref(false)
  /** Ids that a retry has just been asked for; `all`: everything */
  const retrying = ref<string | null>(null)
  let ticket = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    const shown = run()
    const mine = ++ticket
    clearTimeout(timer)
    if (!shown) return
    isLoading.value = true
    try {
      const page = await api.get<RunResultList>(`/integrations/hubspot/runs/${shown.id}/results`, {
        outcome: outcome.value || undefined,
        object: object.value || undefined,
        cursor: cursors.value.at(-1),
        limit: rowsPerPage,
      })
      if (mine !== ticket) return
      data.value = page
      problem.value = null
      if (page.items.some(item => item.retry === 'waiting'))
        timer = setTimeout(() => void load(), lookEveryMs)
    } catch (error) {
      if (mine === ticket) problem.value = toProblem(error)
    } finally {
      if (mine === ticket) isLoading.value = false
    }
  }

  function go(to: string[]): void {
    cursors.value = to
    void load()
  }

  async function retry(what: RetryBody, mark: string): Promise<void> {
    retrying.value = mark
    try {
      const { inbound, outbound } = await api.post<RetryStarted>(
        '/integrations/hubspot/retry',
        what,
      )
      const count = inbound + outbound
      if (count > 0) notices.done(texts.activity.results.started(count))
      else notices.done(texts.activity.results.nothing)
      await load()
    } catch (error) {
      notices.problem(error, texts.activity.results.retryFailed)
    } finally {
      retrying.value = null
    }
  }

  watch(
    () => run()?.id,
    () => {
      data.value = problem.value = null
      outcome.value = object.value = ''
      go([])
    },
  )
  watch([outcome, object], () => go([]))
  watch(finishedRuns, () => void load())
  // Another run is opened by the watch above.
  watch(
    () => ({ id: run()?.id, status: run()?.status }),
    (now, before) =>
      now.id === before.id && now.status !== before.status ? void load() : undefined,
  )
  onBeforeUnmount(() => {
    ticket += 1
    clearTimeout(timer)
  })

  return {
    outcome,
    object,
    problem,
    isLoading,
    retrying,
    load,
    items: computed<RunResult[]>(() => data.value?.items ?? []),
    total: computed(() => data.value?.total ?? null),
    isComplete: computed(() => data.value?.complete ?? true),
    isFirstLoad: computed(() => data.value === null && problem.value === null),
    page: computed(() => cursors.value.length),
    firstNumber: computed(() => cursors.value.length * rowsPerPage + 1),
    hasNext: computed(() => Boolean(data.value?.nextCursor)),
    next: () =>
      data.value?.nextCursor ? go([...cursors.value, data.value.nextCursor]) : undefined,
    previous: () => go(cursors.value.slice(0, -1)),
    retryOne: (result: RunResult) => retry({ resultId: result.id }, result.id),
    retryAll: async () => {
      const shown = run()
      if (shown) await retry({ runId: shown.id }, 'all')
    },
  }
}
