import type { StageMapping } from '#shared/contracts/mapping'

const keptSeconds = 365 * 24 * 60 * 60
type Mark = 'previewed' | 'hidden'

/**
 * The first steps after Connect, for an admin, until write-back is on. That a preview was seen, or
 * that the steps were hidden, is kept in this browser, for the account that is connected.
 */
export function useSetup() {
  const api = useApi()
  const { connection, isUsable } = useHubspotConnection()
  const { isAdmin } = usePartner()
  const finishedRuns = useState('finished-runs', () => 0)
  const kept = useCookie<string | null>('hubspot_setup', {
    maxAge: keptSeconds,
    sameSite: 'lax',
    path: '/settings/hubspot',
  })
  const keptAs = (mark: Mark) => `${connection.value?.portalId ?? ''}.${mark}`
  const has = (mark: Mark) => kept.value === keptAs(mark)
  function keep(mark: Mark): void {
    if (!has('hidden')) kept.value = keptAs(mark)
  }

  const isOpen = computed(
    () =>
      isAdmin.value && isUsable.value && connection.value?.writeBack === false && !has('hidden'),
  )
  const { data, refresh } = useAsyncData<StageMapping | null>(
    'setup-stages',
    // Without an answer the step stays open, as before.
    () => api.get<StageMapping>('/integrations/hubspot/stage-mapping').catch(() => null),
    { server: false, lazy: true, deep: false, immediate: isOpen.value },
  )
  watch([finishedRuns, isOpen], () => (isOpen.value ? void refresh() : undefined))

  return {
    isOpen,
    stages: computed(() => data.value ?? null),
    isPreviewed: computed(() => has('previewed')),
    previewed: () => keep('previewed'),
    hide: () => keep('hidden'),
  }
}
