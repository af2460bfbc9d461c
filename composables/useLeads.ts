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
    create: (lead: LeadCreate) => api.post<Lead>('/leads', lead),
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
    create: (deal: DealCreate) => api.post<Deal>('/deals', deal),
    patch: (id: string, patch: DealPatch) => api.patch<Deal>(`/deals/${id}`, patch),
  }
}
