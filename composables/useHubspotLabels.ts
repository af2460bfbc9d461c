import type { FieldList } from '#shared/contracts/fields'
import type { Labels } from '#shared/contracts/mapping'

/**
 * Gets HubSpot's words for `useHubspotWords`: once in a visit, and again after the mapping has
 * changed, while it is connected; and the partner's own fields, connected or not. A page is right
 * without them.
 */
export function useHubspotLabels(): void {
  const api = useApi()
  const { isUsable } = useHubspotConnection()
  const labels = useState<Labels | null>('hubspot-labels', () => null)
  const { fields: own } = useOwnFields()

  async function load(): Promise<void> {
    const found = await api.get<Labels>('/integrations/hubspot/labels').catch(() => null)
    if (found) labels.value = found
  }
  async function loadOwn(): Promise<void> {
    const found = await api.get<FieldList>('/fields').catch(() => null)
    if (found) own.value = found
  }
  onMounted(() => {
    void loadOwn()
    watch(
      () => isUsable.value && !labels.value,
      isMissing => (isMissing ? void load() : undefined),
      { immediate: true },
    )
  })
}
