import { kindOf, recordName } from '../utils/record-names'
import type { AnyRecord } from './useRecordList'

/** Deletes a record, here only or in HubSpot as well, once somebody has said where. */
export function useRecordRemoval(removed: (record: AnyRecord) => unknown) {
  const records = useRecords()
  const notices = useNotices()
  const { busy, problem, run } = useTask()
  const open = ref(false)
  const record = ref<AnyRecord | null>(null)

  return {
    open,
    record,
    busy,
    problem,
    name: computed(() => (record.value ? recordName(record.value) : '')),
    begin: (what: AnyRecord) => {
      record.value = what
      problem.value = null
      open.value = true
    },
    confirm: async (inHubspot: boolean) => {
      const what = record.value
      if (!what) return
      if (!(await run(() => records.remove(kindOf(what), what.id, inHubspot)))) return
      open.value = false
      notices.done(inHubspot ? texts.lists.remove.doneBoth : texts.lists.remove.done)
      await removed(what)
    },
  }
}
