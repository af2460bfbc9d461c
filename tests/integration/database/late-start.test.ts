import { expect, test } from 'vitest'
import { createDatabase } from '../../../server/database/client'
import { freePort } from '../../support/app'
import { testDatabase } from '../../support/mongo'
import { startMongoProxy } from '../../support/mongo-proxy'

test('a process that starts before its database prepares it once it can be reached', async () => {
  const real = await testDatabase()
  const port = await freePort()
  const late = createDatabase({
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    database: real.database,
  })
  try {
    await expect(late.prepare()).rejects.toThrow()
    await expect(late.ping()).rejects.toThrow()

    const proxy = await startMongoProxy(real.uri, port)
    try {
      await late.prepare()
      await late.ping()
      expect(await late.collections.leads.indexes()).not.toEqual([])
    } finally {
      await late.close()
      await proxy.stop()
    }
  } finally {
    await late.close()
    await real.drop()
  }
})
