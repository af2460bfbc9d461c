import { expect, test } from 'vitest'
import { createDatabase } from '../../../server/database/client'
import { testDatabase } from '../../support/mongo'
import { startMongoProxy } from '../../support/mongo-proxy'

test('work that waits for a busy pool is not refused while the database answers the others', async () => {
  const real = await testDatabase()
  const proxy = await startMongoProxy(real.uri)
  const database = createDatabase({ uri: proxy.uri, database: real.database, maxPoolSize: 1 })
  try {
    await database.prepare()
    proxy.inject({ action: { kind: 'delay', ms: 500 }, commands: ['find'], times: null })
    const work = Array.from({ length: 8 }, () => database.collections.leads.findOne({}))
    // The last one waits some four seconds, and so does any ping on the same connection.
    expect(await database.whileReachable(Promise.all(work))).toEqual(work.map(() => null))
  } finally {
    await database.close()
    await proxy.stop()
    await real.drop()
  }
})
