import { createDatabase } from '../../../server/database/client'
import { createPaceStore } from '../../../server/database/pace'
import { createPacing } from '../../../server/hubspot/pacing'
import { noteGrants } from '../../integration/pacing/windows'

/**
 * Takes requests out of one portal's budget as fast as it gets them, and prints when each was let
 * go.
 */
const [uri = '', name = '', portalId = '', durationMs = '', callers = ''] = process.argv.slice(2)
const database = createDatabase({ uri, database: name })
const { pace, instants } = noteGrants(database.collections.pace)
const pacing = createPacing({
  store: createPaceStore({ pace }),
  limits: { requestsPerTenSeconds: 110, searchesPerSecond: 5 },
})
const over = AbortSignal.timeout(Number(durationMs))
await Promise.all(
  Array.from({ length: Number(callers) }, async () => {
    while (!over.aborted) {
      await pacing
        .acquire(portalId, 'general', { priority: 'backfill', signal: over })
        .catch(() => {})
    }
  }),
)
process.stdout.write(`${JSON.stringify(instants)}\n`)
await database.close()
