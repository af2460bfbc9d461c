import type { HistoryEntry, HistoryList } from '#shared/contracts/leads'
import { recordPath } from '../utils/record-names'

/** What happened to the record that is open, newest first, some at a time. */
export function useRecordHistory() {
  const api = useApi()
  const entries = ref<HistoryEntry[] | null>(null)
  const cursor = ref<string | null>(null)
  const isLoading = ref(false)
  const hasFailed = ref(false)
  let path = ''
  let ticket = 0

  async function read(after: string | null): Promise<void> {
    const mine = ++ticket
    isLoading.value = true
    hasFailed.value = false
    try {
      const page = await api.get<HistoryList>(path, { limit: 20, cursor: after ?? undefined })
      if (mine !== ticket) return
      entries.value = after === null ? page.items : [...(entries.value ?? []), ...page.items]
      cursor.value = page.nextCursor
    } catch {
      if (mine === ticket) hasFailed.value = true
    } finally {
      if (mine === ticket) isLoading.value = false
    }
  }

  return {
    entries,
    isLoading,
    hasFailed,
    hasOlder: computed(() => cursor.value !== null),
    /**
     * @param id of another record: what is shown goes at once; of the same one: it stays until the
     *   new is there
     */
    async load(object: 'lead' | 'deal', id: string): Promise<void> {
      const next = `${recordPath(object, id)}/history`
      if (next !== path) entries.value = cursor.value = null
      path = next
      await read(null)
    },
    reload: () => read(null),
    older: () => read(cursor.value),
  }
}
