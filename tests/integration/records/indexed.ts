import { MongoClient } from 'mongodb'
import { collectionsOf } from '../../../server/database/collections'
import { createCursors } from '../../../server/database/cursor'
import { ensureIndexes } from '../../../server/database/ensure-indexes'
import { createRecords } from '../../../server/leads/index'
import { testDatabase } from '../../support/mongo'
import { mappingOf } from '../inbound/records'

/** Records in a database of its own with all indexes, whose queries can be explained. */
export async function startIndexed(clock: () => Date) {
  const test = await testDatabase()
  const client = new MongoClient(test.uri, { monitorCommands: true, ignoreUndefined: true })
  const db = client.db(test.database)
  const collections = collectionsOf(db)
  await ensureIndexes(collections)
  const records = createRecords({
    collections,
    clock,
    mapping: mappingOf(collections, clock),
    cursors: createCursors({ secret: new Uint8Array(32) }),
    onLocalChange: async () => {},
  })
  return {
    client,
    db,
    collections,
    records,
    async stop() {
      await client.close()
      await test.drop()
    },
  }
}
