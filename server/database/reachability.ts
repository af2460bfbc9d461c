import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient, type MongoClientOptions } from 'mongodb'
import { DomainError } from '../errors'
import type { MetaDocument } from './documents'

/** What takes longer than this makes us look whether the database is still there, ms */
const patienceMs = 250
/** Between two looks, ms */
const pauseMs = 250
/** A server that answers no ping within this time counts as away, ms */
const pingWithinMs = 1300
/** Pings go over connections of their own, which are made anew after this long without an answer, ms */
const newConnectionsAfterMs = 3000
/** A timer that fires so much too late says that this process was busy, ms */
const busyMs = 100
/** How long a write that was possible counts as possible still, ms */
const writableForMs = 2000
/** The document in `meta` that is written to see whether writing is possible */
const readinessId = 'readiness'
/** Seconds after which asking again can help */
export const databaseRetryAfterSeconds = 5

/** The database cannot serve at present. */
export const databaseUnavailable = (cause?: unknown) =>
  new DomainError(
    'database_unavailable',
    'The database cannot be reached at the moment. Nothing was lost; try again shortly.',
    { retryAfterSeconds: databaseRetryAfterSeconds, cause },
  )

/**
 * Says within 1.6 s that the database is away, whatever an operation waits for: a server to be
 * selected, an answer on a connection that is silent, a place in the pool. The driver itself has no
 * limit of that kind (`timeoutMS` does nothing on its present version).
 * The pings have a client of their own, so that they do not queue behind what they ask about. It
 * connects with the first one.
 */
export function createReachability({
  uri,
  database,
  appName,
  options,
  pingMain,
  mainAnsweredAt,
  onSilence,
  reopenings,
}: {
  uri: string
  database: string
  appName: string
  options: MongoClientOptions
  /** Pings on the connections that everything else uses */
  pingMain: () => Promise<void>
  /** When those connections last gave an answer to anybody, `performance.now()` */
  mainAnsweredAt: () => number
  /** Told when those connections give no answer while others do */
  onSilence: () => void
  /** How often those connections were closed and opened again */
  reopenings: () => number
}) {
  let client: MongoClient | undefined
  let failingSince: number | undefined
  let looking: Promise<void> | undefined
  let lookingMain: Promise<void> | undefined
  let trying: Promise<void> | undefined
  let writableAt = Number.NEGATIVE_INFINITY

  async function connected(): Promise<MongoClient> {
    if (client && performance.now() - (failingSince ?? Infinity) > newConnectionsAfterMs)
      discard(client)
    client ??= new MongoClient(uri, {
      ...options,
      appName: `${appName} watch`,
      maxPoolSize: 2,
      minPoolSize: 0,
      serverSelectionTimeoutMS: pingWithinMs,
      connectTimeoutMS: pingWithinMs,
      // A connection that once did not answer is not asked again.
      socketTimeoutMS: pingWithinMs,
      retryReads: false,
    })
    await client.connect()
    return client
  }

  /** This client may have lost its server for good, as the main one may. */
  function discard(old: MongoClient): void {
    client = undefined
    failingSince = undefined
    old.close().catch(() => {})
  }

  async function ping(): Promise<void> {
    await (await connected()).db('admin').command({ ping: 1 })
  }

  /** @throws what the question throws, or when there is no answer in time */
  async function asked(question: Promise<void>): Promise<void> {
    try {
      await within(pingWithinMs, question)
      failingSince = undefined
    } catch (error) {
      failingSince ??= performance.now()
      throw error
    }
  }

  /** Reads one document of ours, and writes to it unless that was possible a moment ago. */
  async function readAndWrite(): Promise<void> {
    const meta = (await connected()).db(database).collection<MetaDocument>('meta')
    if (performance.now() - writableAt < writableForMs) {
      await meta.findOne({ _id: readinessId })
      return
    }
    await meta.findOneAndUpdate({ _id: readinessId }, [{ $set: { at: '$$NOW' } }], {
      upsert: true,
    })
    writableAt = performance.now()
  }

  /** Callers at the same time share one ping. @throws why the server does not answer */
  const look = (): Promise<void> =>
    (looking ??= asked(ping()).finally(() => {
      looking = undefined
    }))

  /** @throws when the main connections give no answer */
  const lookMain = (): Promise<void> =>
    (lookingMain ??= within(pingWithinMs, pingMain()).finally(() => {
      lookingMain = undefined
    }))

  /** @throws why the server cannot be read or written */
  const tryOut = (): Promise<void> =>
    (trying ??= asked(readAndWrite())
      .catch((error: unknown) => {
        writableAt = Number.NEGATIVE_INFINITY
        throw error
      })
      .finally(() => {
        trying = undefined
      }))

  /**
   * A ping that only waits behind other commands, which are answered, is no sign of silence.
   * @throws when either kind of connection gives no answer
   */
  async function lookBoth(): Promise<void> {
    const startedAt = performance.now()
    const main = lookMain().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    await look()
    const failed = await main
    if (!failed || mainAnsweredAt() >= startedAt) return
    onSilence()
    throw failed.error
  }

  return {
    /** @throws when the server does not answer a ping in time */
    ping: look,

    /**
     * Looks whether our database can be read and written, which a server that answers pings may
     * refuse: it is read-only, full, or does not permit us. Writes once in two seconds at most.
     * @throws why it cannot
     */
    tryOut,

    /**
     * Waits for work as long as the database answers, and answers on the connections that the work
     * uses. The work itself is not ended: what it does afterwards happens without its caller.
     * @param over what has begun to leave needs no watching any more, such as a stream
     * @throws {DomainError} `database_unavailable`, or what the work throws
     */
    async whileReachable<T>(work: Promise<T>, over: () => boolean = () => false): Promise<T> {
      // A plain timer: most work is done before it fires, and to abort a promise costs an exception.
      let timer: NodeJS.Timeout | undefined
      let isDone = false
      const reopeningsBefore = reopenings()
      const watch = new Promise<never>((_, reject) => {
        const lookIn = (ms: number, lookAll: () => Promise<unknown>) => {
          timer = setTimeout(() => {
            if (over()) return
            lookAll().then(
              () => {
                if (isDone) return
                if (reopenings() === reopeningsBefore) lookIn(pauseMs, lookBoth)
                else reject(databaseUnavailable())
              },
              (error: unknown) => reject(databaseUnavailable(error)),
            )
          }, ms)
        }
        lookIn(patienceMs, look)
      })
      try {
        return await Promise.race([work, watch])
      } finally {
        isDone = true
        clearTimeout(timer)
      }
    },

    close: async (): Promise<void> => await client?.close(),
  }
}
export type Reachability = ReturnType<typeof createReachability>

/**
 * @throws when it takes longer. While this process was too busy to hear an answer, the server is
 *   given the time once more.
 */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = async (): Promise<never> => {
    for (let turn = 0; turn < 2; turn++) {
      const startedAt = performance.now()
      await delay(ms, undefined, { signal: done.signal })
      if (performance.now() - startedAt < ms + busyMs) break
    }
    throw new Error('The database did not answer in time')
  }
  try {
    return await Promise.race([work, late()])
  } finally {
    done.abort()
  }
}
