import type { Deal, DealList, Lead, LeadList } from '#shared/contracts/leads'
import type { FieldMappingEntry, StageMappingEntry } from '#shared/contracts/mapping'
import type { RecordRehearsal, Rehearsal } from '#shared/contracts/rehearsal'
import { dealName, leadName } from '../utils/record-names'

type ObjectName = 'lead' | 'deal'
interface Shown {
  id: string | null
  label: string | null
  fields: RecordRehearsal['fields']
  found: { id: string; label: string }[]
}
const nothing: Shown = { id: null, label: null, fields: [], found: [] }
const mostFound = 6

/** A mapping that is not saved yet, played on all records or on one. */
export function useRehearsal(
  draft: () => {
    stages: readonly StageMappingEntry[]
    fields: readonly FieldMappingEntry[]
  } | null,
) {
  const api = useApi()
  const notices = useNotices()
  const base = '/integrations/hubspot/rehearsal'
  const result = shallowRef<Rehearsal | null>(null)
  const of = shallowRef<ReturnType<typeof draft>>(null)
  const busy = ref(false)
  const shown = shallowRef<Record<ObjectName, Shown>>({ lead: nothing, deal: nothing })

  async function work(doIt: () => Promise<void>): Promise<void> {
    busy.value = true
    try {
      await doIt()
    } catch (error) {
      notices.problem(error)
    } finally {
      busy.value = false
    }
  }
  function show(object: ObjectName, change: Partial<Shown>): void {
    shown.value = { ...shown.value, [object]: { ...shown.value[object], ...change } }
  }
  async function look(object: ObjectName, id: string): Promise<void> {
    const fields = draft()?.fields
    if (!fields) return
    const { label, fields: rows } = await api.post<RecordRehearsal>(`${base}/record`, {
      object,
      id,
      fields,
    })
    show(object, { id, label, fields: rows })
  }
  watch(draft, () => {
    for (const object of ['lead', 'deal'] as const) {
      const { id } = shown.value[object]
      // What cannot be mapped is said when it is saved; the rows keep what they showed.
      if (id) void look(object, id).catch(() => undefined)
    }
  })

  return {
    result,
    busy,
    shown,
    isOutdated: computed(() => result.value !== null && of.value !== draft()),
    run: (writeBack: boolean | null) =>
      work(async () => {
        const wanted = draft()
        if (!wanted) return
        result.value = await api.post<Rehearsal>(base, {
          fields: wanted.fields,
          stages: wanted.stages,
          ...(writeBack === null ? {} : { writeBack }),
        })
        of.value = wanted
      }),
    search: (object: ObjectName, q: string) =>
      work(async () => {
        const query = { limit: mostFound, ...(q.trim() === '' ? {} : { q: q.trim() }) }
        const found =
          object === 'lead'
            ? (await api.get<LeadList>('/leads', query)).items.map((lead: Lead) => ({
                id: lead.id,
                label: leadName(lead),
              }))
            : (await api.get<DealList>('/deals', query)).items.map((deal: Deal) => ({
                id: deal.id,
                label: dealName(deal),
              }))
        show(object, { found })
        const [only] = found
        if (only && found.length === 1) await look(object, only.id)
      }),
    choose: (object: ObjectName, id: string) => work(() => look(object, id)),
    clear: (object: ObjectName) => show(object, nothing),
  }
}
