import type { MongoClient, TopologyDescription } from 'mongodb'

/** A driver that works finds its server again within a second or two, ms */
const patienceMs = 5000
/** No answer on any of its connections for so long is none to wait for, ms */
const silenceMs = 8000
/** Signs of silence that are further apart do not belong together, ms */
const silenceGapMs = 5000
/** How often a client without a server is looked at, ms */
const lookEveryMs = 1000
/** Between two openings, ms */
const pauseMs = 10_000

/** What became of an attempt to open the client again */
export interface Reopening {
  outcome: 'reopened' | 'failed'
  /** How long the client had no server or no answer, ms */
  withoutServerMs: number
  error?: unknown
}

export interface ClientWatchDeps {
  client: MongoClient
  /** Pings the database on a connection of its own. @throws when it does not answer */
  ping: () => Promise<void>
  onReopening?: (reopening: Reopening) => void
}

/**
 * Opens the client again when it has no server, or gets no answer on any of its connections, while
 * the database answers on others. The driver's monitor can wait for ever on a connection that the
 * server has ended (mongodb 7.9.0, findings/mongodb-monitor-waits-for-ever.sh). Then only closing
 * and connecting helps; handles of databases and collections stay good, and commands under way end
 * with an error of the connection.
 *
 * Asks the database nothing while all is well: it listens to what the driver says of itself.
 */
export function watchClient({ client, ping, onReopening }: ClientWatchDeps) {
  /** The client had a server once: until then, who prepares the database connects it. */
  let isArmed = false
  let withoutServerSince: number | undefined
  let silentSince: number | undefined
  let lastSilentAt = Number.NEGATIVE_INFINITY
  let answeredAt = Number.NEGATIVE_INFINITY
  let lastOpenedAt = Number.NEGATIVE_INFINITY
  let reopenings = 0
  let isBusy = false
  let isStopped = false
  let timer: NodeJS.Timeout | undefined

  function note(hasServer: boolean): void {
    if (hasServer) {
      isArmed = true
      withoutServerSince = undefined
      clearInterval(timer)
      timer = undefined
    } else if (isArmed) {
      withoutServerSince ??= performance.now()
      timer ??= setInterval(() => void look(), lookEveryMs).unref()
    }
  }

  const isDue = (): boolean =>
    performance.now() - lastOpenedAt >= pauseMs &&
    (performance.now() - (withoutServerSince ?? Infinity) >= patienceMs ||
      performance.now() - (silentSince ?? Infinity) >= silenceMs)

  /** Never throws: the next look comes by itself. */
  async function look(): Promise<void> {
    if (isBusy || isStopped || !isDue()) return
    isBusy = true
    try {
      await ping()
      if (isDue() && !isStopped) await reopen()
    } catch {
      // The database itself is away.
    } finally {
      isBusy = false
    }
  }

  async function reopen(): Promise<void> {
    const startedAt = performance.now()
    const since = withoutServerSince ?? silentSince ?? startedAt
    const withoutServerMs = Math.round(startedAt - since)
    lastOpenedAt = startedAt
    silentSince = undefined
    reopenings += 1
    try {
      await client.close()
      await client.connect()
      onReopening?.({ outcome: 'reopened', withoutServerMs })
    } catch (error) {
      onReopening?.({ outcome: 'failed', withoutServerMs, error })
    }
  }

  const onChange = ({ newDescription }: { newDescription: TopologyDescription }) =>
    note(hasServerFor(newDescription))
  const onClosed = () => note(false)
  const onAnswer = () => {
    answeredAt = performance.now()
    silentSince = undefined
  }
  client.on('connectionCheckedIn', onAnswer)
  client.on('topologyDescriptionChanged', onChange)
  client.on('topologyClosed', onClosed)

  return {
    /** How often the client was closed to open it again: what began before then may never end */
    reopenings: () => reopenings,
    /** When a connection was last given back, on the clock of `performance.now()`, ms */
    answeredAt: () => answeredAt,
    /** A ping on its connections had no answer, while one on others had. */
    noteSilence(): void {
      const now = performance.now()
      if (silentSince === undefined || now - lastSilentAt > silenceGapMs) silentSince = now
      lastSilentAt = now
      void look()
    },
    /** To be called before the client is closed for good. */
    stop(): void {
      client.off('connectionCheckedIn', onAnswer)
      client.off('topologyDescriptionChanged', onChange)
      client.off('topologyClosed', onClosed)
      clearInterval(timer)
      withoutServerSince = undefined
      isStopped = true
    },
  }
}

/** Servers that take our commands, which all go to the primary */
const takesWrites: readonly string[] = ['Standalone', 'RSPrimary', 'Mongos', 'LoadBalancer']

function hasServerFor({ type, servers }: TopologyDescription): boolean {
  return [...servers.values()].some(server =>
    type === 'Single' ? server.type !== 'Unknown' : takesWrites.includes(server.type),
  )
}
