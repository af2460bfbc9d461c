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
  const unsent = useUnsent()
  watch(open, isOpen => !isOpen && unsent.release())

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
      await (unsent.isWaiting.value ? send(values, key) : sendAgain(() => send(values, key)))
      unsent.release()
      open.value = false
      notices.done(done)
      await created()
    } catch (error) {
      const found = toProblem(error)
      // The key stays with the draft: sent again, it makes the same record.
      const isKept = unsent.keep(found, () => create(values, send, done))
      problem.value = isKept ? null : found
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
    unsent: unsent.isWaiting,
    resend: unsent.retry,
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
