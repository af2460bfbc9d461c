import type { DealCreate, Lead, LeadCreate } from '#shared/contracts/leads'
import { createDraftKey, sendAgain } from '../utils/repeats'

/** The dialog in which a lead or a deal is made. @param created shows what was made */
export function useRecordCreation(created: () => Promise<void>) {
  const leadsApi = useLeads()
  const dealsApi = useDeals()
  const notices = useNotices()
  const open = ref(false)
  const kind = ref<'lead' | 'deal'>('lead')
  const forLead = ref<Lead | null>(null)
  const problem = ref<Problem | null>(null)
  const busy = ref(false)
  let draft = createDraftKey()

  /** @param lead whose deal it becomes */
  function start(what: 'lead' | 'deal', lead: Lead | null = null): void {
    kind.value = what
    forLead.value = lead
    problem.value = null
    draft = createDraftKey()
    open.value = true
  }

  async function create<V extends object>(
    values: V,
    send: (values: V, key: string) => Promise<unknown>,
    done: string,
  ): Promise<void> {
    busy.value = true
    problem.value = null
    try {
      const key = draft.keyOf(values)
      await sendAgain(() => send(values, key))
      open.value = false
      notices.done(done)
      await created()
    } catch (error) {
      problem.value = toProblem(error)
    } finally {
      busy.value = false
    }
  }

  return {
    open,
    kind,
    forLead,
    problem,
    busy,
    start,
    createLead: (values: LeadCreate) => create(values, leadsApi.create, texts.leads.created),
    createDeal: (values: DealCreate) =>
      create(
        { ...values, ...(forLead.value ? { leadIds: [forLead.value.id] } : {}) },
        dealsApi.create,
        texts.leads.dealCreated,
      ),
  }
}
