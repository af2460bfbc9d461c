/** Rows of one page, where a list does not say otherwise */
export const rowsPerPage = 25

/** One page of a list, as the API answers it. */
export interface ListPage<T> {
  items: T[]
  nextCursor: string | null
  total: number | null
}

/**
 * A list that the server pages by cursor. Going back uses the cursors one came by; a changed query
 * starts at the first page.
 * @param key of Nuxt's data cache
 * @param path below `/api/v1`
 * @param query what filters and sorts; read again for each request
 * @param isShown a list that is not shown is not asked for
 */
export function useList<T extends { id: string }>(
  key: string,
  path: string,
  query: () => Record<string, string | undefined>,
  isShown: () => boolean = () => true,
  limit = rowsPerPage,
) {
  const api = useApi()
  const cursors = ref<string[]>([])
  const wanted = computed(() => JSON.stringify(query()))

  const loading = useAsyncData<ListPage<T> | null>(
    key,
    async () => {
      if (!isShown()) return null
      return await api.get<ListPage<T>>(path, { ...query(), cursor: cursors.value.at(-1), limit })
    },
    { deep: false, lazy: true },
  )
  const { data, error, status } = loading

  async function go(to: string[]): Promise<void> {
    cursors.value = to
    await loading.refresh()
  }
  watch([wanted, isShown], () => (isShown() ? void go([]) : undefined))

  const page = computed(() => cursors.value.length)
  return {
    /**
     * Awaited by a page, so that the server renders the first page of the list; the browser shows
     * the skeleton in the meantime
     */
    ready: loading,
    items: computed(() => data.value?.items ?? []),
    total: computed(() => data.value?.total ?? null),
    problem: computed(() => (error.value ? toProblem(error.value) : null)),
    isLoading: computed(() => status.value === 'pending'),
    isFirstLoad: computed(() => !data.value && !error.value),
    firstNumber: computed(() => page.value * limit + 1),
    page,
    hasNext: computed(() => Boolean(data.value?.nextCursor)),
    next: () =>
      data.value?.nextCursor ? go([...cursors.value, data.value.nextCursor]) : Promise.resolve(),
    previous: () => go(cursors.value.slice(0, -1)),
    refresh: async () => {
      await loading.refresh()
    },
    /** Puts a record in place of the one with its id, without asking the server. */
    replace: (item: T) => {
      if (data.value)
        data.value = {
          ...data.value,
          items: data.value.items.map(old => (old.id === item.id ? item : old)),
        }
    },
  }
}
