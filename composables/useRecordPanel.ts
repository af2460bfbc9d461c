import type { Explain } from '#shared/contracts/insight'
import type { Deal, DealCreate, Lead, LeadCreate } from '#shared/contracts/leads'

export type PanelRecord = { object: 'lead'; lead: Lead } | { object: 'deal'; deal: Deal }

/** The record that is open beside the list: loads what belongs to it, saves what is changed. */
export function useRecordPanel(changed: (record: PanelRecord) => void) {
  const leadsApi = useLeads()
  const dealsApi = useDeals()
  const notices = useNotices()
  const open = ref(false)
  const record = ref<PanelRecord | null>(null)
  const deals = ref<Deal[] | null>(null)
  const explain = ref<Explain | null>(null)
  const explainProblem = ref<Problem | null>(null)
  const problem = ref<Problem | null>(null)
  const busy = ref(false)
  const history = useRecordHistory()
  const ownerName = useOwnerName()
  let ticket = 0

  async function loadAround(): Promise<void> {
    const mine = ++ticket
    const shown = record.value
    if (!shown) return
    const id = shown.object === 'lead' ? shown.lead.id : shown.deal.id
    void history.load(shown.object, id)
    const [foundDeals, found] = await Promise.allSettled([
      shown.object === 'lead' ? dealsApi.ofLead(id) : Promise.resolve([]),
      leadsApi.explain(id),
    ])
    if (mine !== ticket) return
    deals.value = foundDeals.status === 'fulfilled' ? foundDeals.value : []
    if (found.status === 'fulfilled') explain.value = found.value
    else explainProblem.value = toProblem(found.reason)
  }

  function show(next: PanelRecord): void {
    record.value = next
    deals.value = explain.value = explainProblem.value = problem.value = null
    open.value = true
    void loadAround()
  }

  async function save(work: () => Promise<PanelRecord>): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      record.value = await work()
      changed(record.value)
      notices.done(texts.leads.panel.saved)
      void loadAround()
    } catch (error) {
      const found = toProblem(error)
      problem.value = found
      const current = found.code === 'stale_revision' ? found.data.current : undefined
      if (current && record.value) {
        record.value =
          record.value.object === 'lead'
            ? { object: 'lead', lead: current as Lead }
            : { object: 'deal', deal: current as Deal }
        changed(record.value)
      }
    } finally {
      busy.value = false
    }
  }

  const retrying = ref(false)
  /** HubSpot refused its last write: it is tried again. */
  async function retry(): Promise<void> {
    const shown = record.value
    if (!shown) return
    retrying.value = true
    try {
      await leadsApi.retry(shown.object, shown.object === 'lead' ? shown.lead.id : shown.deal.id)
      notices.done(texts.activity.results.started(1))
      await reload()
    } catch (error) {
      notices.problem(error, texts.activity.results.retryFailed)
    } finally {
      retrying.value = false
    }
  }

  /**
   * The record as it is now, unless its form holds something unsaved: an edit made elsewhere would
   * take it away.
   */
  async function reload(): Promise<void> {
    const shown = record.value
    if (!shown || !open.value) return
    const next: PanelRecord =
      shown.object === 'lead'
        ? { object: 'lead', lead: await leadsApi.get(shown.lead.id) }
        : { object: 'deal', deal: await dealsApi.get(shown.deal.id) }
    const [before, now] = [shown, next].map(one => (one.object === 'lead' ? one.lead : one.deal))
    if (record.value !== shown || before?.revision !== now?.revision) return
    record.value = next
    changed(next)
    await loadAround()
  }

  return {
    retry,
    retrying,
    reload,
    history,
    owner: computed(() =>
      record.value === null
        ? null
        : ownerName(
            record.value.object === 'lead'
              ? record.value.lead.hubspotOwnerId
              : record.value.deal.hubspotOwnerId,
          ),
    ),
    open,
    record,
    deals,
    explain,
    explainProblem,
    problem,
    busy,
    show,
    loadAround,
    saveLead: (lead: Lead, values: LeadCreate) =>
      save(async () => ({
        object: 'lead',
        lead: await leadsApi.patch(lead.id, { ...values, revision: lead.revision }),
      })),
    saveDeal: (deal: Deal, values: DealCreate) =>
      save(async () => ({
        object: 'deal',
        deal: await dealsApi.patch(deal.id, { ...values, revision: deal.revision }),
      })),
  }
}
