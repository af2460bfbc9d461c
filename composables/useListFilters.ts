import { dealStages } from '#shared/leads/stages'

export interface Filters {
  q: string
  syncState: string
  stage: string
  sort: string
}

/**
 * Which list and which filters, kept in the address: a reload, a bookmark and the back button find
 * them again.
 */
export function useListFilters() {
  const route = useRoute()
  const router = useRouter()
  const text = (name: string) => (typeof route.query[name] === 'string' ? route.query[name] : '')
  const view = computed<'leads' | 'deals'>(() => (text('view') === 'deals' ? 'deals' : 'leads'))
  const known = (value: string, allowed: readonly string[]) =>
    allowed.includes(value) ? value : ''
  const filters = computed<Filters>(() => ({
    q: text('q').slice(0, 200),
    syncState: known(text('syncState'), Object.keys(texts.leads.state)),
    stage: known(text('stage'), [...dealStages, 'unmapped']),
    sort: known(text('sort'), Object.keys(texts.leads.sorts)) || '-updatedAt',
  }))
  const isFiltered = computed(
    () =>
      filters.value.q !== '' ||
      filters.value.syncState !== '' ||
      (view.value === 'deals' && filters.value.stage !== ''),
  )

  async function change(next: Partial<Filters>): Promise<void> {
    const all = { ...filters.value, ...next }
    await router.replace({
      query: {
        ...(view.value === 'deals' ? { view: 'deals' } : {}),
        ...(all.q ? { q: all.q } : {}),
        ...(all.syncState ? { syncState: all.syncState } : {}),
        ...(all.stage ? { stage: all.stage } : {}),
        ...(all.sort !== '-updatedAt' ? { sort: all.sort } : {}),
      },
    })
  }
  return { view, filters, isFiltered, change }
}
