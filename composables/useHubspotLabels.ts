import type { Labels } from '#shared/contracts/mapping'

/**
 * Gets HubSpot's words for `useHubspotWords`: once in a visit, and again after the mapping has
 * changed, while it is connected. A page is right without them.
 */
export function useHubspotLabels(): void {
  const api = useApi()
  const { isUsable } = useHubspotConnection()
  const labels = useState<Labels | null>('hubspot-labels', () => null)

  async function load(): Promise<void> {
    const found = await api.get<Labels>('/integrations/hubspot/labels').catch(() => null)
    if (found) labels.value = found
  }
  onMounted(() => {
    watch(
      () => isUsable.value && !labels.value,
      isMissing => (isMissing ? void load() : undefined),
      { immediate: true },
    )
  })
}
