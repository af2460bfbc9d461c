import type { Connection } from '../shared/contracts/connection'
import type { Run } from '../shared/contracts/runs'
import { createEventSourceClient } from '../utils/live-events'

/**
 * Follows the connection and its run live, as long as the component that calls this is mounted: server-sent events with back-off, and polling while those
 * do not come through. `finished` is called once for each run that ends while one looks.
 */
export function useSyncProgress(options: { finished?: (run: Run) => void, progressed?: (run: Run) => void } = {}) {
  const { connection, load } = useHubspotConnection()
  const api = useApi()
  const me = useMe()
  const interrupted = ref(false)
  const ended = new Set<string>()

  function takeRun(run: Run): void {
    const known = connection.value?.currentRun
    if (isActive(run)) {
      if (ended.has(run.id)) return
      if (connection.value) connection.value = { ...connection.value, currentRun: run }
      options.progressed?.(run)
      return
    }
    if (known?.id === run.id && isActive(known) && !ended.has(run.id)) {
      ended.add(run.id)
      if (connection.value) connection.value = { ...connection.value, currentRun: null }
      options.finished?.(run)
    }
  }

  function takeConnection(next: Connection): void {
    const before = connection.value?.currentRun
    connection.value = next
    if (before && isActive(before) && next.currentRun?.id !== before.id && !ended.has(before.id)) {
      ended.add(before.id)
      void tellHowItEnded(before)
    }
  }

  /** The run ended between two looks: how, and with which counts, only its own answer says. */
  async function tellHowItEnded(last: Run): Promise<void> {
    const run = await api.get<Run>(`/integrations/hubspot/runs/${last.id}`).catch(() => null)
    options.finished?.(run && !isActive(run) ? run : { ...last, status: 'cancelled' })
  }

  const client = createEventSourceClient({
    url: '/api/v1/integrations/hubspot/events',
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
