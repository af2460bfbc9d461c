import { MongoClient, type Db } from 'mongodb'
import { systemClock, type Clock } from '../config/clock'
import { followDatabaseClock } from './clock'
import { watchClient, type Reopening } from './client-watch'
import { collectionsOf, type Collections } from './collections'
import { ensureIndexes } from './ensure-indexes'
import type { IndexDefinition } from './list-indexes'
import { createReachability, type Reachability } from './reachability'

export interface Database extends Pick<Reachability, 'ping' | 'tryOut' | 'whileReachable'> {
  client: MongoClient
  db: Db
  collections: Collections
  /** The time, by the database's clock */
  clock: Clock
  /** Resolves once the indexes stand; the server listens in the meantime and says "not ready" */
  prepare(): Promise<void>
  close(): Promise<void>
}

export interface DatabaseOptions {
  uri: string
  database: string
  /** Shown in the server's log and in `currentOp` */
  appName?: string
  maxPoolSize?: number
  /** This process's own clock */
  processClock?: Clock
  /** Told when a client that had lost its server for good was opened again */
  onReopening?: (reopening: Reopening) => void
}

/**
 * One client per process. Connects on first use, so that the process starts while the server is
 * away. Single-document writes with majority concern: enough for every step
 * (docs/architecture.md#data), on a standalone as on a cluster. An address that asks for the
 * journal itself wins: the embedded engine keeps its word with `w=1&journal=true` only.
 */
export function createDatabase({
  uri,
  database,
  appName = 'partner-connector',
  maxPoolSize = 20,
  processClock = systemClock,
  onReopening,
}: DatabaseOptions): Database {
  const writeConcern = asksForJournal(uri) ? {} : { writeConcern: { w: 'majority' as const } }
  const client = new MongoClient(uri, {
    appName,
    maxPoolSize,
    serverSelectionTimeoutMS: 4000,
    connectTimeoutMS: 4000,
    // A connection that no longer answers is noticed within nine seconds.
    heartbeatFrequencyMS: 5000,
    socketTimeoutMS: 45_000,
    retryWrites: true,
    ...writeConcern,
    ignoreUndefined: true,
  })
  const db = client.db(database)
  const { clock, ...comparison } = followDatabaseClock(db, processClock)
  const collections = collectionsOf(db)
  const reachability = createReachability({
    uri,
    database,
    appName,
    options: writeConcern,
    pingMain: async () => {
      await client.db('admin').command({ ping: 1 })
    },
    mainAnsweredAt: () => watch.answeredAt(),
    onSilence: () => watch.noteSilence(),
    reopenings: () => watch.reopenings(),
  })
  const standing = new Set<IndexDefinition>()
  const watch = watchClient({ client, ping: reachability.ping, onReopening })
  return {
    client,
    db,
    collections,
    clock,
    async prepare() {
      // A client whose first operation fails closes its topology for good; `connect` opens it
      // again.
      await client.connect()
      await comparison.start()
      await ensureIndexes(collections, standing)
      // All stand: whoever asks again wants them looked at anew.
      standing.clear()
    },
    ping: reachability.ping,
    tryOut: reachability.tryOut,
    whileReachable: reachability.whileReachable,
    async close() {
      comparison.stop()
      watch.stop()
      await Promise.all([client.close(), reachability.close()])
    },
  }
}

function asksForJournal(uri: string): boolean {
  return /[?&]journal=true\b/i.test(uri)
}
