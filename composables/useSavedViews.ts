import type { SavedView, SavedViewList } from '#shared/contracts/views'
import { sameQuery } from '../utils/list-query'
import type { RecordName } from './useRecordList'

/**
 * Queries of a list under names: one's own, and those that others share.
 * @param shown what the list shows now
 */
export function useSavedViews(
  object: Ref<RecordName>,
  shown: { query: Ref<Record<string, string>>; columns: Ref<readonly string[]> },
) {
  const api = useApi()
  const notices = useNotices()
  const { busy, problem, run } = useTask()
  const saveOpen = ref(false)
  const removeOpen = ref(false)
  const { data, refresh } = useAsyncData<SavedView[]>(
    'saved-views',
    () =>
      api.get<SavedViewList>('/views').then(
        list => list.items,
        () => [],
      ),
    { deep: false, lazy: true, default: () => [] },
  )
  const views = computed(() => data.value.filter(view => view.object === object.value))
  watch([saveOpen, removeOpen], () => {
    problem.value = null
  })

  return {
    views,
    picked: computed(() => {
      const found = views.value.find(view => sameQuery(view.query, shown.query.value))
      return found?.id ?? (sameQuery({}, shown.query.value) ? 'all' : '')
    }),
    busy,
    problem,
    saveOpen,
    removeOpen,
    save: async (name: string, isShared: boolean) => {
      const isSaved = await run(() =>
        api.post<SavedView>('/views', {
          object: object.value,
          name,
          shared: isShared,
          query: shown.query.value,
          columns: [...shown.columns.value],
        }),
      )
      if (!isSaved) return
      saveOpen.value = false
      notices.done(texts.lists.views.saved)
      await refresh()
    },
    remove: async (view: SavedView) => {
      if (!(await run(() => api.remove(`/views/${view.id}`)))) return
      removeOpen.value = false
      notices.done(texts.lists.views.removed)
      await refresh()
    },
  }
}
