import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { texts } from '#shared/texts/en'
import { freePort, startApp } from '../support/app'
import { createClient, type Client } from '../support/client'
import { testDatabase, type TestDatabase } from '../support/mongo'
import { startMongoProxy, type MongoProxy } from '../support/mongo-proxy'
import { startStack, type Stack } from '../support/stack'
import { until } from '../support/until'

let database: TestDatabase
let proxy: MongoProxy
let stack: Stack
let client: Client
beforeAll(async () => {
  proxy = await startMongoProxy(inject('mongodbUri'))
  database = await testDatabase()
  stack = await startStack({ database: { ...database, uri: proxy.uri, drop: async () => {} } })
  const { admin } = await stack.aPartner()
  client = createClient(stack.app.url)
  await client.signIn(admin.email, admin.password)
})
afterAll(async () => {
  await stack.stop()
  await proxy.stop()
  await database.drop()
})

/** How many seconds after the process its database can be reached */
const lateBySeconds = (process.env.LATE_SECONDS ?? '10').split(',').map(Number)

describe('a process that starts before its database', () => {
  it.each(lateBySeconds)(
    'becomes ready by itself when it is %i s late',
    async seconds => {
      const port = await freePort()
      const app = await startApp({
        mongodbUri: proxy.uri.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`),
        database: database.database,
        waitUntilReady: false,
      })
      await wait(seconds * 1000)
      const readyz = async () => (await fetch(`${app.url}/readyz`)).status
      expect(await readyz()).toBe(503)
      const late = await startMongoProxy(inject('mongodbUri'), port)
      try {
        await until(async () => (await readyz()) === 200, 'it is ready', { timeoutMs: 40_000 })
      } finally {
        await app.stop()
        await late.stop()
      }
    },
    (Math.max(...lateBySeconds) + 60) * 1000,
  )
})

const pages = ['/', '/login', '/leads', '/settings/hubspot', '/settings/hubspot/activity']
const look = (path: string) => client.get(path, { headers: { accept: 'text/html' } })

describe('a page while the database cannot serve', () => {
  async function expectWords(): Promise<void> {
    for (const answer of await Promise.all(pages.map(look))) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('5')
      expect(answer.text).toContain(texts.errorPage.unavailable.title)
    }
  }

  it('says so in words when it stands still', async () => {
    proxy.freeze()
    try {
      await expectWords()
    } finally {
      proxy.thaw()
    }
  })

  it.each([189, 11_600, 14_031])('says so in words when it answers error %i', async code => {
    proxy.inject({ times: null, action: { kind: 'refuse', code } })
    try {
      await expectWords()
    } finally {
      proxy.clearFaults()
    }
  })

  it('is there again afterwards', async () => {
    expect((await look('/leads')).status).toBe(200)
  })
})
