export interface SyncCount {
  /** `null`: more than the server counts */
  count: number | null
  /** Where these records are listed */
  to: string
}
export type SyncCounts = Record<'leads' | 'deals' | 'pending' | 'failed', SyncCount>

/**
 * How many records there are, wait and failed, while HubSpot is connected; counted again after each
 * run.
 */
export function useSyncCounts() {
  const api = useApi()
  const { isUsable } = useHubspotConnection()
  const finishedRuns = useState('finished-runs', () => 0)
  const total = async (path: '/leads' | '/deals', syncState?: string) =>
    (await api.get<{ total: number | null }>(path, { limit: 1, syncState })).total
  async function both(syncState: string): Promise<SyncCount> {
    const [leads, deals] = await Promise.all([
      total('/leads', syncState),
      total('/deals', syncState),
    ])
    const view = leads === 0 && deals !== 0 ? 'view=deals&' : ''
    return {
      count: leads === null || deals === null ? null : leads + deals,
      to: `/leads?${view}syncState=${syncState}`,
    }
  }
  const { data, refresh } = useAsyncData<SyncCounts>(
    'sync-counts',
    async () => {
      const [leads, deals, pending, failed] = await Promise.all([
        total('/leads'),
        total('/deals'),
        both('pending'),
        both('failed'),
      ])
      return {
        leads: { count: leads, to: '/leads' },
        deals: { count: deals, to: '/leads?view=deals' },
        pending,
        // There the causes are, and what to do.
        failed: failed.count === 0 ? failed : { ...failed, to: '/settings/hubspot/failures' },
      }
    },
    { server: false, lazy: true, deep: false, immediate: isUsable.value },
  )
  watch([finishedRuns, isUsable], () => (isUsable.value ? void refresh() : undefined))
  return { counts: data }
}
