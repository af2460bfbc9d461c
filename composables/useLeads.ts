import type {
  Deal,
  DealCreate,
  DealPatch,
  Lead,
  LeadCreate,
  LeadPatch,
} from '#shared/contracts/leads'
import type { RetryStarted } from '#shared/contracts/runs'
import type { Explain } from '#shared/contracts/insight'

/** What can be done with one lead. */
export function useLeads() {
  const api = useApi()
  return {
    get: (id: string) => api.get<Lead>(`/leads/${id}`),
    /** @param key names the draft: sent again with it, the same lead is answered */
    create: (lead: LeadCreate, key: string) => api.create<Lead>('/leads', lead, key),
    patch: (id: string, patch: LeadPatch) => api.patch<Lead>(`/leads/${id}`, patch),
    explain: (q: string) => api.get<Explain>('/integrations/hubspot/explain', { q }),
    retry: (object: 'lead' | 'deal', recordId: string) =>
      api.post<RetryStarted>('/integrations/hubspot/retry', { object, recordId }),
  }
}

/** What can be done with one deal. */
export function useDeals() {
  const api = useApi()
  return {
    get: (id: string) => api.get<Deal>(`/deals/${id}`),
    ofLead: async (leadId: string) =>
      (await api.get<{ items: Deal[] }>('/deals', { leadId, limit: 100 })).items,
    /** @param key names the draft: sent again with it, the same deal is answered */
    create: (deal: DealCreate, key: string) => api.create<Deal>('/deals', deal, key),
    patch: (id: string, patch: DealPatch) => api.patch<Deal>(`/deals/${id}`, patch),
  }
}
