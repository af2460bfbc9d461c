import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import type { TestProject } from 'vitest/node'
import { startMongoProcess, type MongoProcess } from '../../modules/embedded-mongo/process'
import { fastDirectory } from './fast-directory'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server every test of this run uses. */
    mongodbUri: string
    /** What the names of this run's databases start with. */
    mongodbDatabasePrefix: string
  }
}

declare global {
  // Every project loads this file for itself; they share one engine.
  var testMongo: { engine: Promise<MongoProcess>; users: number } | undefined
}

/**
 * Gives the tests a MongoDB: the server named by TEST_MONGODB_URI, otherwise one embedded engine in
 * a temporary directory.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const prefix = `pc-test-${randomBytes(4).toString('hex')}-`
  project.provide('mongodbDatabasePrefix', prefix)
  const configured = process.env.TEST_MONGODB_URI
  if (configured) {
    project.provide('mongodbUri', configured)
    return () => dropDatabases(configured, prefix)
  }

  const shared = (globalThis.testMongo ??= {
    engine: startMongoProcess({ temporaryIn: fastDirectory() }),
    users: 0,
  })
  shared.users += 1
  const engine = await shared.engine
  project.provide('mongodbUri', engine.uri)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    globalThis.testMongo = undefined
    await engine.stop()
  }
}

/** What tests that were cut short left on a server that stays. */
async function dropDatabases(uri: string, prefix: string): Promise<void> {
  const client = new MongoClient(uri)
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true })
    for (const { name } of databases)
      if (name.startsWith(prefix)) await client.db(name).dropDatabase()
  } finally {
    await client.close()
  }
}
