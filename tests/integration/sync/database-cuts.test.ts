import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { mainPortalId } from '../../../simulator/control-client'
import { aConnectedPartner, startServices, testEnvironment } from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startMongoProxy, type MongoProxy } from '../../support/mongo-proxy'
import { startSimulator } from '../../support/simulator'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { deliverWebhook, webhookEvent } from '../../support/webhooks'
import { patience, runsOf } from './world'

let proxy: MongoProxy
const databases: TestDatabase[] = []
beforeAll(async () => {
  proxy = await startMongoProxy(inject('mongodbUri'))
})
afterAll(async () => {
  await proxy.stop()
  for (const database of databases) await database.drop()
})

async function behindProxy(): Promise<TestDatabase> {
  const database = await testDatabase()
  databases.push(database)
  return { ...database, uri: proxy.uri, drop: async () => {} }
}

describe('a connection to the database that breaks in the middle of a write', () => {
  describe('of a webhook delivery', () => {
    let bench: SyncBench
    beforeAll(async () => {
      bench = await startSyncBench({ database: await behindProxy() })
    }, 60_000)
    afterAll(() => bench.stop())

    test.each(['before', 'after'] as const)(
      'makes the answer a 503, and the next try stores it once (%s the write)',
      async when => {
        const first = when === 'before' ? 1000 : 2000
        const events = [first, first + 1, first + 2].map(id => webhookEvent(id))
        const deliver = () =>
          deliverWebhook(bench.webhookUrl, bench.configuration.hubspot.clientSecret, events)
        const stored = () =>
          bench.collections.webhookEvents.countDocuments({
            portal_id: String(mainPortalId),
            _id: new RegExp(`\\|${first / 1000}00\\d\\|`),
          })
        // The route repeats it once by itself.
        proxy.inject({
          commands: ['insert'],
          collections: ['webhook_events'],
          times: 2,
          action: { kind: 'cut', when },
        })
        const cuts = proxy.cuts()
        const answer = await deliver()
        expect(proxy.cuts()).toBe(cuts + 2)
        expect([answer.status, await answer.json()]).toMatchObject([
          503,
          { data: { code: 'database_unavailable' } },
        ])
        expect(answer.headers.get('retry-after')).not.toBeNull()
        expect(await stored()).toBe(when === 'before' ? 0 : 3)
        expect((await deliver()).status).toBe(200)
        expect(await stored()).toBe(3)
      },
    )
  })

  test("or of the queue's first look leaves a queue that opens at the next one", async () => {
    const { services } = await startServices(
      testEnvironment(await behindProxy(), {
        NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '5ca1ab1e-0000-4000-8000-51a01a70f001',
        NUXT_HUBSPOT_CLIENT_SECRET: 'client-secret-of-this-test',
        NUXT_HUBSPOT_WEBHOOK_URL: 'http://localhost:3000/v1/leads/webhooks/hubspot',
        NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
      }),
    )
    try {
      const cuts = proxy.cuts()
      proxy.cutNext(['createIndexes', 'findAndLockNextJobIndex'], 'before')
      await expect(services.queue.add('maintain', {})).rejects.toThrow()
      expect(proxy.cuts()).toBe(cuts + 1)
      await services.queue.add('maintain', {})
    } finally {
      await services.stop()
    }
  })

  test.each([
    ['breaks before the write', { kind: 'cut', when: 'before' }],
    ['breaks after the write', { kind: 'cut', when: 'after' }],
    ['says that it steps down', { kind: 'refuse', code: 11_602 }],
    ['says that it is full', { kind: 'refuse', code: 14_031 }],
    ['does not confirm the write', { kind: 'unconfirmed', code: 64 }],
  ] as const)(
    'of an import costs no record, and the run waits instead of failing (it %s)',
    async (_, action) => {
      const simulator = await startSimulator({
        contacts: 350,
        deals: 120,
        webhookUrl: null,
        settings: { rateLimits: false },
      })
      const { services } = await startServices(
        testEnvironment(await behindProxy(), simulator.env),
        { runs: { leaseMs: 2000, retryDelaysMs: [20, 40], scheduleEveryMs: 50 } },
      )
      try {
        await services.sync.worker.start()
        const hits = proxy.hits(action.kind)
        proxy.inject({ commands: ['insert'], collections: ['leads'], times: 2, action })
        const partner = await aConnectedPartner(services)
        await vi.waitFor(() => expect(proxy.hits(action.kind)).toBe(hits + 2), patience)
        const run = await runsOf(services, partner.partnerId).ended('succeeded')
        expect(
          await services.database.collections.syncRuns.countDocuments({ status: 'failed' }),
        ).toBe(0)
        expect([run.kind, run.counts.created]).toEqual(['initial', 470])
        const { leads, deals } = services.database.collections
        expect([
          await leads.countDocuments({ partner_id: partner.partnerId }),
          await deals.countDocuments({ partner_id: partner.partnerId }),
        ]).toEqual([350, 120])
      } finally {
        await services.stop()
        await simulator.stop()
      }
    },
    120_000,
  )
})
