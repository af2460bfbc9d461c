import type { Deal, Lead } from '#shared/contracts/leads'
import { newer, secondLook } from '../utils/list-look'
import { recordPath } from '../utils/record-names'

export type RecordName = 'lead' | 'deal'
export type AnyRecord = Lead | Deal

interface Page {
  items: AnyRecord[]
  nextCursor: string | null
  total: number | null
}
interface Shown extends Page {
  object: RecordName
}
/** So many records that left the page are asked for one by one. */
const mostMissing = 5

/**
 * The list of leads or deals that somebody works in. Its order stays until it is asked anew; what
 * changes meanwhile is shown in its place, and counted.
 * @param asked which list, its query, and the page's cursor; read again for each request
 */
export function useRecordList(
  asked: () => {
    object: RecordName
    query: Record<string, string>
    cursor: string | undefined
  },
) {
  const api = useApi()
  const fetchPage = async (): Promise<Shown> => {
    const { object, query, cursor } = asked()
    return { object, ...(await api.get<Page>(`/${object}s`, { ...query, cursor })) }
  }
  const loading = useAsyncData<Shown>('records', fetchPage, { deep: false, lazy: true })
  const { data, error, status } = loading
  /** When each record had changed last, as somebody saw it */
  const known = new Map<string, string>()
  const changed = ref(0)
  let askedTotal: number | null = null
  let isLooking = false

  watch(
    data,
    (now, before) => {
      if (!now || (before && now.items === before.items)) return
      if (known.size === 0) askedTotal = now.total
      for (const { id, updatedAt } of now.items) if (!known.has(id)) known.set(id, updatedAt)
    },
    { immediate: true },
  )
  const shown = computed(() => (data.value?.object === asked().object ? data.value : null))

  async function refresh(): Promise<void> {
    known.clear()
    await loading.refresh()
    changed.value = 0
  }
  watch(
    () => JSON.stringify(asked()),
    () => void refresh(),
  )

  function put(items: AnyRecord[], total?: number | null): void {
    if (data.value) data.value = { ...data.value, items, ...(total === undefined ? {} : { total }) }
  }

  /** Looks what changed, without moving anything. An empty list takes what there is. */
  async function look(): Promise<void> {
    const before = shown.value
    if (!before || before.items.length === 0) return await refresh()
    if (isLooking || status.value === 'pending') return
    isLooking = true
    try {
      const question = JSON.stringify(asked())
      const fresh = await fetchPage()
      const { missing } = secondLook(before.items, fresh.items, known)
      const found = await Promise.all(
        missing
          .slice(0, mostMissing)
          .map(id => api.get<AnyRecord>(recordPath(before.object, id)).catch(() => null)),
      )
      const now = shown.value
      if (!now || question !== JSON.stringify(asked())) return
      const seen = secondLook(now.items, fresh.items, known)
      const alone = new Map(found.flatMap(record => (record ? [[record.id, record]] : [])))
      put(
        seen.items.map(record => newer(record, alone.get(record.id))),
        fresh.total,
      )
      const more = fresh.total === null || askedTotal === null ? 0 : fresh.total - askedTotal
      changed.value = Math.max(seen.changed, more)
    } catch {
      // The next look comes with the next change.
    } finally {
      isLooking = false
    }
  }

  return {
    ready: loading,
    items: computed(() => shown.value?.items ?? []),
    total: computed(() => shown.value?.total ?? null),
    nextCursor: computed(() => shown.value?.nextCursor ?? null),
    problem: computed(() => (error.value ? toProblem(error.value) : null)),
    isLoading: computed(() => status.value === 'pending'),
    isFirstLoad: computed(() => !shown.value && !error.value),
    /** How many records changed that stand where they stood */
    changed,
    look,
    refresh,
    /** Puts a record in place of the one with its id. Its own person's edit is no news. */
    replace: (record: AnyRecord) => {
      known.set(record.id, record.updatedAt)
      put((data.value?.items ?? []).map(old => (old.id === record.id ? record : old)))
    },
    /** Takes a record away that was deleted here. */
    drop: (id: string) => {
      put((data.value?.items ?? []).filter(record => record.id !== id))
    },
  }
}
