import { kindOf } from '../utils/record-names'
import type { AnyRecord } from './useRecordList'
import type { PanelRecord } from './useRecordPanel'

const asPanel = (record: AnyRecord): PanelRecord =>
  'leadIds' in record ? { object: 'deal', deal: record } : { object: 'lead', lead: record }

/** The record that the address names is open beside the list; without one none is. */
export function useOpenRecord(
  query: ReturnType<typeof useListQuery>,
  list: Pick<ReturnType<typeof useRecordList>, 'items' | 'replace'>,
) {
  const notices = useNotices()
  const records = useRecords()
  const panel = useRecordPanel(record =>
    list.replace(record.object === 'lead' ? record.lead : record.deal),
  )
  const shown = computed<AnyRecord | null>(() => {
    const record = panel.record.value
    return record && (record.object === 'lead' ? record.lead : record.deal)
  })

  async function follow(): Promise<void> {
    const id = query.openId.value
    if (id === null) {
      panel.open.value = false
      return
    }
    if (panel.open.value && shown.value?.id === id) return
    try {
      const known = list.items.value.find(record => record.id === id)
      const record = known ?? (await records.get(query.object.value, id))
      // Another one may be asked for by now, or none.
      if (query.openId.value !== id) return
      panel.show(asPanel(record))
    } catch (error) {
      if (query.openId.value !== id) return
      notices.problem(error)
      await query.close()
    }
  }
  onMounted(follow)
  watch(query.openId, follow)
  watch(panel.open, isOpen => (isOpen ? undefined : void query.close()))

  return {
    panel,
    shown,
    open: (record: AnyRecord) => query.open(record.id, kindOf(record)),
  }
}
