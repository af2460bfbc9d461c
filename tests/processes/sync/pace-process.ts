import { createDatabase } from '../../../server/database/client'
import { createPacing } from '../../../server/hubspot/pacing'

/** Takes requests out of one portal's budget as fast as it gets them, and prints when each was let go. */
const [uri = '', name = '', portalId = '', durationMs = '', callers = ''] = process.argv.slice(2)
const database = createDatabase({ uri, database: name })
const pacing = createPacing({ collections: database.collections, limits: { requestsPerTenSeconds: 110, searchesPerSecond: 5 } })
const over = AbortSignal.timeout(Number(durationMs))
const instants: number[] = []
await Promise.all(Array.from({ length: Number(callers) }, async () => {
  while (!over.aborted) {
    await pacing.acquire(portalId, 'general', { priority: 'backfill', signal: over }).then(() => instants.push(Date.now()), () => {})
  }
}))
process.stdout.write(`${JSON.stringify(instants)}\n`)
await database.close()
