import { readFilters, readSort, usualSort, type ListFilters } from '../utils/list-query'
import type { RecordName } from './useRecordList'

/**
 * Which list, which filters, order, page and open record, kept in the address: a reload, a bookmark
 * and the back button find them again.
 */
export function useListQuery() {
  const route = useRoute()
  const router = useRouter()
  const text = (name: string) => (typeof route.query[name] === 'string' ? route.query[name] : '')
  const object = computed<RecordName>(() => (text('view') === 'deals' ? 'deal' : 'lead'))
  const filters = computed(() => readFilters(object.value, route.query))
  const sort = computed(() => readSort(object.value, route.query.sort))
  const cursor = computed(() =>
    /^[\w-]{1,512}$/.test(text('cursor')) ? text('cursor') : undefined,
  )
  const page = computed(() =>
    cursor.value !== undefined && /^[1-9]\d{0,6}$/.test(text('page'))
      ? Number(text('page')) - 1
      : 0,
  )
  const openId = computed(() => (/^[0-9a-f]{24}$/.test(text('open')) ? text('open') : null))
  /** The filters and the order, as the API takes them */
  const query = computed<Record<string, string>>(() => ({
    ...filters.value,
    ...(sort.value === usualSort ? {} : { sort: sort.value }),
  }))
  const view = computed(() => (object.value === 'deal' ? { view: 'deals' } : {}))
  /** The cursors one came by; the browser keeps them with each entry of its history. */
  const trail = (): string[] => {
    const kept: unknown = import.meta.client ? window.history.state?.trail : null
    return Array.isArray(kept) ? kept.map(String) : []
  }

  async function ask(next: Record<string, string>, { replace = false } = {}): Promise<void> {
    await router[replace ? 'replace' : 'push']({ query: { ...view.value, ...next } })
  }
  return {
    object,
    filters,
    sort,
    cursor,
    page,
    openId,
    query,
    isFiltered: computed(() => Object.keys(filters.value).length > 0),

    /** @param next filters to set; an empty text takes one away */
    change: (next: ListFilters, options: { replace?: boolean } = {}) =>
      ask(
        Object.fromEntries(
          Object.entries({ ...query.value, ...next }).filter(([, value]) => value !== ''),
        ),
        options,
      ),
    clear: () => ask(sort.value === usualSort ? {} : { sort: sort.value }),
    sortBy: (next: string) =>
      ask({ ...filters.value, ...(next === usualSort ? {} : { sort: next }) }),
    /** @param kept a saved view's query */
    show: (kept: Readonly<Record<string, unknown>>) => {
      const order = readSort(object.value, kept.sort)
      return ask({
        ...readFilters(object.value, kept),
        ...(order === usualSort ? {} : { sort: order }),
      })
    },

    next: async (nextCursor: string) => {
      await router.push({
        query: { ...view.value, ...query.value, cursor: nextCursor, page: String(page.value + 2) },
        state: { trail: [...trail(), cursor.value ?? ''] },
      })
    },
    /** The page before; the first one, where the address came from elsewhere. */
    previous: async () => {
      const way = trail()
      const before = way.at(-1)
      await router.push({
        query: {
          ...view.value,
          ...query.value,
          ...(before ? { cursor: before, page: String(page.value) } : {}),
        },
        state: { trail: way.slice(0, -1) },
      })
    },
    first: () => ask(query.value, { replace: true }),

    open: async (id: string, as: RecordName = object.value) => {
      const base = as === object.value ? route.query : as === 'deal' ? { view: 'deals' } : {}
      const isFirst = openId.value === null
      const isOpened = isFirst || window.history.state?.isOpened === true
      const shown = { query: { ...base, open: id }, state: { trail: trail(), isOpened } }
      await router[isFirst ? 'push' : 'replace'](shown)
    },
    /** Goes back to the list; an address from elsewhere has none to go back to. */
    close: async () => {
      if (openId.value === null) return
      if (window.history.state?.isOpened) router.back()
      else await router.replace({ query: { ...route.query, open: undefined } })
    },
  }
}
