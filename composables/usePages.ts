/** The parts of the product, as the navigation shows them. */
export function usePages() {
  const words = texts.common
  const hubspotPages = [
    { to: '/settings/hubspot', label: words.connection, icon: 'i-lucide-plug' },
    { to: '/settings/hubspot/mapping', label: words.mapping, icon: 'i-lucide-git-compare-arrows' },
    { to: '/settings/hubspot/scope', label: texts.scope.tab, icon: 'i-lucide-filter' },
    { to: '/settings/hubspot/activity', label: words.activity, icon: 'i-lucide-activity' },
    { to: '/settings/hubspot/failures', label: words.failures, icon: 'i-lucide-circle-alert' },
    { to: '/settings/hubspot/health', label: words.health, icon: 'i-lucide-heart-pulse' },
  ]
  return { leads: { to: '/leads', label: words.leads, icon: 'i-lucide-users-round' }, hubspotPages }
}
