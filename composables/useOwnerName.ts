import type { Owner } from '#shared/contracts/mapping'

/** Names of HubSpot's owners, asked for once in a visit, when the first one is to be shown. */
export function useOwnerName() {
  const api = useApi()
  const names = useState<Record<string, string> | null>('hubspot-owners', () => null)
  let isAsked = false

  async function load(): Promise<void> {
    if (isAsked || names.value) return
    isAsked = true
    const answer = await api
      .get<{ owners: Owner[] }>('/integrations/hubspot/owners')
      .catch(() => null)
    if (answer) names.value = Object.fromEntries(answer.owners.map(owner => [owner.id, owner.name]))
  }

  /** @returns the name, or `null` when there is no owner or the name is not known (yet) */
  return (id: string | null): string | null => {
    if (id === null || import.meta.server) return null
    void load()
    return names.value?.[id] ?? null
  }
}
