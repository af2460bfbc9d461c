import type { Connection } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { createEventSourceClient } from '../utils/live-events'
import { createRunFollower } from '../utils/run-follower'

/**
 * Follows the connection and its run live, as long as the component that calls this is mounted:
 * server-sent events with back-off, and polling while those do not come through. `finished` is
 * called once for each run that ends while one looks.
 */
export function useSyncProgress(
  options: { finished?: (run: Run) => void; progressed?: (run: Run) => void } = {},
) {
  const { connection, load } = useHubspotConnection()
  const api = useApi()
  const me = useMe()
  const interrupted = ref(false)
  const { takeRun, takeConnection } = createRunFollower({
    connection,
    ask: id => api.get<Run>(`/integrations/hubspot/runs/${id}`).catch(() => null),
    ...options,
  })

  const client = createEventSourceClient({
    url: '/api/v1/integrations/hubspot/events',
    owner: () => me.value?.user.id,
    on: {
      connection: data => takeConnection(data as Connection),
      run: data => takeRun(data as Run),
    },
    poll: async () => {
      const before = connection.value?.currentRun
      const next = await load()
      if (before) {
        connection.value = { ...next, currentRun: before }
        takeConnection(next)
      }
    },
    changed: state => (interrupted.value = state === 'polling'),
  })

  onMounted(() => me.value && client.start())
  onBeforeUnmount(() => client.stop())

  return { run: computed(() => connection.value?.currentRun ?? null), interrupted }
}
