import type { DoctorCheck } from '#shared/contracts/insight'
import type { Database } from '../database/client'
import { indexes } from '../database/indexes'
import { fail, pass, warn } from './check'

/** MongoDB: NamespaceNotFound, a collection that nothing was written to yet */
const namespaceNotFound = 26
const slowMs = 250
/**
 * Pings at most: one that met a busy moment of either side says nothing about the way in between
 */
const mostPings = 3

async function missingIndexes({ collections }: Database): Promise<string[]> {
  const missing: string[] = []
  for (const name of new Set(indexes.map(({ collection }) => collection))) {
    const standing = await collections[name].indexes().catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === namespaceNotFound) return []
      throw error
    })
    for (const { collection, options } of indexes) {
      if (collection === name && !standing.some(index => index.name === options?.name))
        missing.push(`${collections[name].collectionName}.${options?.name}`)
    }
  }
  return missing
}

/**
 * @returns how long the quickest of a few pings took, ms; the first that is quick ends them.
 *   @throws when the server does not answer
 */
async function quickestPing(database: Database): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < mostPings && quickest > slowMs; turn++) {
    const startedAt = performance.now()
    await database.ping()
    quickest = Math.min(quickest, Math.round(performance.now() - startedAt))
  }
  return quickest
}

export async function examineDatabase(database: Database): Promise<DoctorCheck[]> {
  let ms: number
  try {
    ms = await quickestPing(database)
  } catch {
    return [
      fail(
        'database',
        'MongoDB does not answer.',
        'Check NUXT_MONGODB_URI, the server, and the network in between. The app keeps ' +
          'trying and says "not ready" meanwhile.',
      ),
    ]
  }
  const missing = await missingIndexes(database)
  return [
    ms > slowMs
      ? warn(
          'database',
          `MongoDB answers, but slowly (${ms} ms).`,
          'Run the app close to its database.',
        )
      : pass('database', `MongoDB answers in ${ms} ms.`),
    missing.length > 0
      ? fail(
          'indexes',
          `Indexes are missing: ${missing.join(', ')}.`,
          'Restart the app: it creates them at start, and its log says why when it cannot.',
        )
      : pass('indexes', 'All indexes stand.'),
  ]
}
