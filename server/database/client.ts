import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient, type Db } from 'mongodb'
import { collectionsOf, type Collections } from './collections'
import { ensureIndexes } from './indexes'

/** A server that answers later than this counts as away, ms */
const pingWithinMs = 3000

export interface Database {
  client: MongoClient
  db: Db
  collections: Collections
  /** Resolves once the indexes stand; the server listens in the meantime and says "not ready" */
  prepare(): Promise<void>
  /** @throws when the server does not answer in time */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface DatabaseOptions {
  uri: string
  database: string
  /** Shown in the server's log and in `currentOp` */
  appName?: string
  maxPoolSize?: number
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
}: DatabaseOptions): Database {
  const client = new MongoClient(uri, {
    appName,
    maxPoolSize,
    serverSelectionTimeoutMS: 4000,
    connectTimeoutMS: 4000,
    socketTimeoutMS: 45_000,
    retryWrites: true,
    ...(asksForJournal(uri) ? {} : { writeConcern: { w: 'majority' as const } }),
    ignoreUndefined: true,
  })
  const db = client.db(database)
  const collections = collectionsOf(db)
  return {
    client,
    db,
    collections,
    async prepare() {
      // A client whose first operation fails closes its topology for good; `connect` opens it
      // again.
      await client.connect()
      await ensureIndexes(collections)
    },
    async ping() {
      // The driver's own `timeoutMS` does nothing on its present version: a server that stands
      // still would be waited for.
      await Promise.race([
        db.command({ ping: 1 }),
        delay(pingWithinMs, undefined, { ref: false }).then(() =>
          Promise.reject(new Error('The database did not answer in time')),
        ),
      ])
    },
    close: () => client.close(),
  }
}

function asksForJournal(uri: string): boolean {
  return /[?&]journal=true\b/i.test(uri)
}
