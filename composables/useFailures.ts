import type {
  FailingRecord,
  FailingRecords,
  FailureCause,
  Failures,
  FailuresRetried,
} from '#shared/contracts/failures'

/** Failed records by cause, and syncing those of one cause again. */
export function useFailures() {
  const api = useApi()
  const notices = useNotices()
  const path = '/integrations/hubspot/failures'
  const finishedRuns = useState('finished-runs', () => 0)
  const { data, error, status, refresh } = useAsyncData('failures', () => api.get<Failures>(path), {
    deep: false,
    lazy: true,
  })
  const all = ref<Partial<Record<FailureCause, FailingRecord[]>>>({})
  /** The cause that is being loaded, or synced again */
  const loading = ref<FailureCause | null>(null)
  const retrying = ref<FailureCause | null>(null)
  const forget = (cause: FailureCause) =>
    Object.fromEntries(Object.entries(all.value).filter(([name]) => name !== cause))
  watch(finishedRuns, () => {
    all.value = {}
    void refresh()
  })

  async function showAll(cause: FailureCause): Promise<void> {
    loading.value = cause
    try {
      const { items } = await api.get<FailingRecords>(`${path}/${cause}`)
      all.value = { ...all.value, [cause]: items }
    } catch (failure) {
      notices.problem(failure)
    } finally {
      loading.value = null
    }
  }

  async function retry(cause: FailureCause): Promise<void> {
    retrying.value = cause
    try {
      const { runId } = await api.post<FailuresRetried>(`${path}/${cause}/retry`)
      if (runId === null) notices.warn(texts.failurePage.nothing)
      else notices.done(texts.failurePage.started)
      all.value = forget(cause)
      await refresh()
    } catch (failure) {
      notices.problem(failure, texts.failurePage.retryFailed)
    } finally {
      retrying.value = null
    }
  }

  return { data, error, status, refresh, all, loading, retrying, showAll, retry }
}
