import type { Explain } from '#shared/contracts/insight'
import type { Deal, DealCreate, Lead, LeadCreate } from '#shared/contracts/leads'
import { collides } from '../utils/collisions'

/** Others may store so often while one save is sent again */
const maxTries = 5

export type PanelRecord = { object: 'lead'; lead: Lead } | { object: 'deal'; deal: Deal }

const isOf = (shown: PanelRecord): Lead | Deal =>
  shown.object === 'lead' ? shown.lead : shown.deal

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
    unsent.release()
    record.value = next
    deals.value = explain.value = explainProblem.value = problem.value = null
    open.value = true
    void loadAround()
  }

  const unsent = useUnsent()
  watch(open, isOpen => !isOpen && unsent.release())

  const patch = async (shown: PanelRecord, values: LeadCreate | DealCreate) => {
    const { id, revision } = isOf(shown)
    return shown.object === 'lead'
      ? { object: 'lead' as const, lead: await leadsApi.patch(id, { ...values, revision }) }
      : { object: 'deal' as const, deal: await dealsApi.patch(id, { ...values, revision }) }
  }
  /**
   * Saves on what is stored now: a change of another field by somebody else goes together with this
   * one. Where the same field was changed, their record is shown and the form asks.
   */
  async function patchOnPresent(
    shown: PanelRecord,
    values: LeadCreate | DealCreate,
  ): Promise<PanelRecord | null> {
    let present = shown
    for (let attempt = 1; ; attempt++) {
      try {
        return await patch(present, values)
      } catch (error) {
        const found = toProblem(error)
        const current = found.code === 'stale_revision' ? found.data.current : undefined
        if (!current || attempt === maxTries) throw error
        const before = isOf(present)
        present =
          present.object === 'lead'
            ? { object: 'lead', lead: current as Lead }
            : { object: 'deal', deal: current as Deal }
        if (!collides(values, before, isOf(present))) continue
        record.value = present
        changed(present)
        return null
      }
    }
  }

  async function save(shown: PanelRecord, values: LeadCreate | DealCreate): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      const stored = await patchOnPresent(shown, values)
      unsent.release()
      if (stored === null) return
      changed(stored)
      notices.done(texts.leads.panel.saved)
      // Another record may be open by now.
      if (record.value === null || isOf(record.value).id !== isOf(shown).id) return
      record.value = stored
      void loadAround()
    } catch (error) {
      const found = toProblem(error)
      problem.value = unsent.keep(found, () => save(shown, values)) ? null : found
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

  /** The record as it is now: its form merges what came in with what is typed there. */
  async function reload(): Promise<void> {
    const shown = record.value
    if (!shown || !open.value) return
    const next: PanelRecord =
      shown.object === 'lead'
        ? { object: 'lead', lead: await leadsApi.get(shown.lead.id) }
        : { object: 'deal', deal: await dealsApi.get(shown.deal.id) }
    if (record.value !== shown || busy.value) return
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
    unsent: unsent.isWaiting,
    resend: unsent.retry,
    saveLead: (lead: Lead, values: LeadCreate) => save({ object: 'lead', lead }, values),
    saveDeal: (deal: Deal, values: DealCreate) => save({ object: 'deal', deal }, values),
  }
}
