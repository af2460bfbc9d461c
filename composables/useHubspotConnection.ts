import type {
  Connection,
  ConnectStarted,
  Disconnected,
  RecordsErased,
  SettingsPatch,
} from '#shared/contracts/connection'
import type { Preview } from '#shared/contracts/insight'
import { buildAuthorizeUrl } from '#shared/hubspot/authorize-url'
import { listScope, optionalScopes } from '#shared/hubspot/scopes'
import { withState } from '#shared/hubspot/install-url'

/**
 * The partner's connection to HubSpot, shared by all pages, and everything that can be done to it.
 */
export function useHubspotConnection() {
  const connection = useState<Connection | null>('hubspot-connection', () => null)
  const api = useApi()
  const config = useRuntimeConfig()

  async function load(): Promise<Connection> {
    connection.value = await api.get<Connection>('/integrations/hubspot')
    return connection.value
  }

  /**
   * Leaves for HubSpot's consent page.
   * @param options.returnUrl HubSpot's own page to go back to (marketplace install)
   * @param options.chooseScope nothing is read before an admin chose what is synced
   * @param options.withLists asks to read lists as well; asked again once it was granted
   */
  async function connect({
    withLists = connection.value?.scopes.includes(listScope) ?? false,
    ...options
  }: {
    returnUrl?: string
    confirmPortalChange?: boolean
    chooseScope?: boolean
    withLists?: boolean
  } = {}): Promise<void> {
    const { state } = await api.post<ConnectStarted>('/integrations/hubspot/connect', options)
    const { hubspotAuthorizeUrl, hubspotClientId, hubspotRedirectUri } = config.public
    window.location.assign(
      buildAuthorizeUrl({
        authorizeUrl: hubspotAuthorizeUrl,
        clientId: hubspotClientId,
        redirectUri: hubspotRedirectUri,
        state,
        optionalScopes: withLists ? [...optionalScopes, listScope] : optionalScopes,
      }),
    )
  }

  /** Hands HubSpot's own install page a state; the install goes on there. */
  async function install(returnUrl: string): Promise<void> {
    const { state } = await api.post<ConnectStarted>('/integrations/hubspot/connect', { returnUrl })
    window.location.assign(withState(returnUrl, state))
  }

  async function update(patch: SettingsPatch): Promise<void> {
    connection.value = await api.patch<Connection>('/integrations/hubspot/settings', patch)
  }

  async function sync(kind?: 'incremental' | 'reconcile'): Promise<string> {
    const { runId } = await api.post<{ runId: string }>(
      '/integrations/hubspot/sync',
      kind ? { kind } : {},
    )
    await load()
    return runId
  }

  async function disconnect(): Promise<Disconnected> {
    const answer = await api.remove<Disconnected>('/integrations/hubspot/disconnect')
    await load()
    return answer
  }

  /** Connects the account that waits, now that it was seen named; goes on where the server says. */
  async function acceptAccount(portalId: string): Promise<void> {
    const { location } = await api.post<{ location: string }>('/integrations/hubspot/pending', {
      portalId,
    })
    window.location.assign(location)
  }

  /** Drops a grant of another account that waits, and keeps the one there was. */
  async function keepAccount(): Promise<void> {
    connection.value = await api.remove<Connection>('/integrations/hubspot/pending')
  }

  /**
   * Erases what was imported; the server works in turns.
   * @param told after each turn, how many records are gone so far
   */
  async function eraseRecords(
    told: (records: number) => void,
  ): Promise<{ leads: number; deals: number }> {
    const total = { leads: 0, deals: 0 }
    for (;;) {
      const { done, leads, deals } = await api.remove<RecordsErased>(
        '/integrations/hubspot/records',
        { confirm: 'erase' },
      )
      total.leads += leads
      total.deals += deals
      if (done) return total
      told(total.leads + total.deals)
    }
  }

  const isUsable = computed(
    () => connection.value?.status === 'connected' || connection.value?.status === 'degraded',
  )
  const account = computed(() => ({
    uiDomain: connection.value?.account?.uiDomain,
    portalId: connection.value?.portalId,
  }))
  const preview = () => api.post<Preview>('/integrations/hubspot/preview')

  return {
    connection,
    account,
    isUsable,
    load,
    connect,
    install,
    update,
    sync,
    disconnect,
    acceptAccount,
    keepAccount,
    eraseRecords,
    preview,
  }
}
