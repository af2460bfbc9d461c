import type { ObjectId } from 'mongodb'
import type { Connection } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { errorFields, type Log } from '../../observability/log'

export type SyncEvent = { event: 'connection'; data: Connection } | { event: 'run'; data: Run }
export type Listener = (event: SyncEvent) => void

export interface ProgressStreamDeps {
  connection: {
    view(
      partnerId: ObjectId,
      currentRun: Run | null,
      counted: Promise<RecordCounts>,
    ): Promise<Connection>
    count(partnerId: ObjectId): Promise<RecordCounts>
  }
  sync: {
    latest(
      partnerId: ObjectId,
      limit: number,
    ): Promise<{ run: Run; version: number; active: boolean }[]>
  }
  log: Log
  everyMs?: number
}

/** Records that wait or failed are counted at most this often: it costs as much as all the rest, ms */
const countEveryMs = 2000
/** Runs read per poll: one may end and others begin between two polls */
const runsPerLook = 4

/** Records that wait to be written, and those that failed */
interface RecordCounts {
  waiting: number
  failed: number
}

interface Watch {
  listeners: Set<Listener>
  /** What was sent last */
  connection: Connection | null
  /** Without the run's progress, which is sent by itself */
  connectionKey: string
  runs: Map<string, { version: number; run: Run }>
  counts: RecordCounts | null
  countedAt: number
  timer?: NodeJS.Timeout
  first: Promise<void>
}

/**
 * Streams a connection's state and the progress of runs to the page, whichever process carries them
 * out. The documents are polled once per partner and process, however many pages are open; without
 * a listener nothing is polled.
 */
export function createProgressStream({ connection, sync, log, everyMs = 500 }: ProgressStreamDeps) {
  const watches = new Map<string, Watch>()

  async function count(partnerId: ObjectId, watch: Watch): Promise<RecordCounts> {
    const now = performance.now()
    if (watch.counts === null || now - watch.countedAt >= countEveryMs) {
      watch.counts = await connection.count(partnerId)
      watch.countedAt = now
    }
    return watch.counts
  }

  async function look(partnerId: ObjectId, watch: Watch): Promise<SyncEvent[]> {
    const latest = await sync.latest(partnerId, runsPerLook)
    const current = latest.find(({ active }) => active)?.run ?? null
    const view = await connection.view(partnerId, current, count(partnerId, watch))
    const changed: SyncEvent[] = []
    // Oldest first: the end of one run comes before the start of the next. The first poll sends only
    // the newest.
    for (const { run, version } of watch.connection === null
      ? latest.slice(0, 1)
      : [...latest].reverse()) {
      if (watch.runs.get(run.id)?.version === version) continue
      changed.push({ event: 'run', data: run })
    }
    watch.runs = new Map(latest.map(({ run, version }) => [run.id, { version, run }]))
    const key = JSON.stringify({
      ...view,
      currentRun: view.currentRun && { id: view.currentRun.id, status: view.currentRun.status },
    })
    if (key !== watch.connectionKey) changed.unshift({ event: 'connection', data: view })
    watch.connection = view
    watch.connectionKey = key
    return changed
  }

  function schedule(partnerId: ObjectId, watch: Watch): void {
    if (watch.listeners.size === 0) return
    watch.timer = setTimeout(() => {
      void look(partnerId, watch)
        .then(events =>
          events.forEach(event => watch.listeners.forEach(listener => listener(event))),
        )
        .catch((error: unknown) =>
          log.debug(
            { event: 'events_trouble', partnerId: partnerId.toHexString(), ...errorFields(error) },
            'The present state could not be read',
          ),
        )
        .finally(() => schedule(partnerId, watch))
    }, everyMs)
  }

  function watchOf(partnerId: ObjectId): Watch {
    const key = partnerId.toHexString()
    const known = watches.get(key)
    if (known) return known
    const watch: Watch = {
      listeners: new Set(),
      connection: null,
      connectionKey: '',
      runs: new Map(),
      counts: null,
      countedAt: 0,
      first: Promise.resolve(),
    }
    watch.first = look(partnerId, watch).then(() => schedule(partnerId, watch))
    watches.set(key, watch)
    return watch
  }

  return {
    /**
     * Sends the present state, then every change.
     * @returns ends the subscription
     * @throws when the present state cannot be read
     */
    async subscribe(partnerId: ObjectId, listener: Listener): Promise<() => void> {
      const watch = watchOf(partnerId)
      const key = partnerId.toHexString()
      const leave = () => {
        watch.listeners.delete(listener)
        if (watch.listeners.size > 0) return
        clearTimeout(watch.timer)
        if (watches.get(key) === watch) watches.delete(key)
      }
      watch.listeners.add(listener)
      try {
        await watch.first
      } catch (error) {
        leave()
        throw error
      }
      if (watch.connection) listener({ event: 'connection', data: watch.connection })
      const [newest] = watch.runs.values()
      if (newest) listener({ event: 'run', data: newest.run })
      return leave
    },
  }
}
export type ProgressStream = ReturnType<typeof createProgressStream>
