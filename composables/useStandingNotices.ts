import type { Notice, NoticeList } from '#shared/contracts/notices'

/**
 * What the partner is told about until it is well again (re-authorization needed, no sync for long,
 * mappings drifted).
 */
export function useStandingNotices() {
  const api = useApi()
  const me = useMe()
  const finishedRuns = useState('finished-runs', () => 0)
  const loading = useAsyncData<Notice[]>(
    'standing-notices',
    async () => {
      if (!me.value) return []
      // They add to a page; a page without them is still right.
      return await api.get<NoticeList>('/notices').then(
        answer => answer.items,
        () => [],
      )
    },
    { deep: false, default: () => [] },
  )
  watch([me, finishedRuns], () => loading.refresh())
  // Signing out empties it while the page still stands.
  return { ready: loading, notices: computed(() => loading.data.value ?? []) }
}
