import type { Owner } from '#shared/contracts/mapping'

/** Names of HubSpot's owners by id, as far as they are known in this visit. */
export function useOwnerNames() {
  return useState<Record<string, string> | null>('hubspot-owners', () => null)
}

function useOwnersOnce() {
  const api = useApi()
  const names = useOwnerNames()
  let isAsked = false

  return async function load(): Promise<void> {
    if (isAsked || names.value) return
    isAsked = true
    const answer = await api
      .get<{ owners: Owner[] }>('/integrations/hubspot/owners')
      .catch(() => null)
    if (answer) names.value = Object.fromEntries(answer.owners.map(owner => [owner.id, owner.name]))
  }
}

/** Asks for the owners as soon as HubSpot is connected: for a list's filters and columns. */
export function useOwnerList(): void {
  const load = useOwnersOnce()
  const { isUsable } = useHubspotConnection()
  onMounted(() =>
    watch(isUsable, usable => (usable ? void load() : undefined), { immediate: true }),
  )
}

/** Names of HubSpot's owners, asked for once in a visit, when the first one is to be shown. */
export function useOwnerName() {
  const load = useOwnersOnce()
  const names = useOwnerNames()

  /** @returns the name, or `null` when there is no owner or the name is not known (yet) */
  return (id: string | null): string | null => {
    if (id === null || import.meta.server) return null
    void load()
    return names.value?.[id] ?? null
  }
}
