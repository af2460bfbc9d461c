import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { inject } from 'vitest'

export interface TestDatabase {
  /** Address of the server, for any process. */
  uri: string
  /** Name of a database nobody else uses. */
  database: string
  /** Removes the database. Call it after the clients of the test are closed. */
  drop(): Promise<void>
}

/**
 * A database of the caller's own on this run's MongoDB (`tests/support/global-setup.ts`), so that
 * tests run side by side. Only in the vitest projects `integration` and `processes`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const uri = inject('mongodbUri')
  const database = `${inject('mongodbDatabasePrefix')}${randomBytes(6).toString('hex')}`
  return {
    uri,
    database,
    async drop() {
      const client = new MongoClient(uri)
      try {
        await client.db(database).dropDatabase()
      } finally {
        await client.close()
      }
    },
  }
}
