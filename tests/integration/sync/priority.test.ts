import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemActor } from '../../../server/database/audit'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import type { Call } from '../../../simulator/calls'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  type ConnectedPartner,
} from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSimulator } from '../../support/simulator'
import { signDelivery, webhookEvent } from '../../support/webhooks'
import { patience } from './world'
import { isStrange } from '../../support/strange'

/** What a backfill may use of a window, and what is left of it for people (limits.ts) */
const share = { backfill: 106, people: 4 }

/** The list of contacts; their properties are read as well before a run. */
const isList = (path: string) => /\/objects\/[^/]+\/contacts$/.test(path)

describe('while a large account is being imported', () => {
  let database: TestDatabase
  let simulator: Simulator
  let services: Services
  let partner: ConnectedPartner
  /** Cursors of the pages that were asked for, in that order; `null` for the first one */
  const pages: (string | null)[] = []
  const recording: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    if (isList(url.pathname) && (init?.method ?? 'GET') === 'GET')
      pages.push(url.searchParams.get('after'))
    return await fetch(input, init)
  }
  beforeAll(async () => {
    database = await testDatabase()
    simulator = await startSimulator({ contacts: 20_000, deals: 0, webhookUrl: null })
    services = (
      await startServices(testEnvironment(database, simulator.env), {
        fetch: recording,
        runs: { scheduleEveryMs: 50 },
      })
    ).services
    await services.sync.worker.start()
    partner = await aConnectedPartner(services)
    await services.database.collections.partners.updateOne(
      { _id: partner.partnerId },
      { $set: { 'hubspot_integration.write_back': true } },
    )
  })
  afterAll(async () => {
    await services.sync.cancel(partner.partnerId)
    await services.stop()
    await simulator.stop()
    await database.drop()
  })

  const isPage = (call: Call) => call.method === 'GET' && isList(call.path)
  /** The import asks once in a while where to cut its list: searches have a budget of their own. */
  const isCut = (call: Call) => call.path.endsWith('/search')
  /**
   * The import has just used all that a backfill may use of the window, as one on a faster machine
   * does. @returns the last call until then
   */
  async function crowd(): Promise<number> {
    await services.database.collections.pace.updateOne({ _id: `${partner.portalId}:general` }, [
      { $set: { grants: { $map: { input: { $range: [0, share.backfill] }, in: '$$NOW' } } } },
    ])
    return (await simulator.control.calls({ limit: 1 })).at(-1)?.seq ?? 0
  }

  /**
   * The window is still full of what the import took, however long people's calls take on a slow
   * machine; what people took stays noted behind that.
   */
  async function stayCrowded(): Promise<void> {
    const used = { $map: { input: { $range: [0, share.backfill] }, in: '$$NOW' } }
    await services.database.collections.pace.updateOne({ _id: `${partner.portalId}:general` }, [
      {
        $set: {
          grants: { $concatArrays: [used, { $slice: ['$grants', share.backfill, share.people] }] },
        },
      },
    ])
  }

  // Slow answers make more of them overlap: which one goes first is no longer countable.
  it.skipIf(isStrange('real'))(
    'what people do goes before its next page',
    async () => {
      const { partnerId } = partner
      const [edited, hinted] = await vi.waitFor(async () => {
        const found = await services.database.collections.leads
          .find({ partner_id: partnerId, hubspot_id: { $type: 'string' } })
          .limit(2)
          .toArray()
        expect(found).toHaveLength(2)
        return found
      }, patience)
      // The run has read the properties before its first page: a person's look asks anew.
      await services.database.collections.schemaCache.deleteMany({ _id: /deals/ })
      const from = await crowd()
      const { hubspot } = services.configuration
      const delivery = signDelivery(hubspot.webhookUrl, hubspot.clientSecret, [
        webhookEvent(1, { objectId: Number(hinted?.hubspot_id), occurredAt: Date.now() }),
      ])
      await Promise.all([
        services.leads.patch(partnerId, edited?._id.toHexString() ?? '', {
          company: 'Edited meanwhile',
        }),
        services.webhooks.accept({ ...delivery, method: 'POST', body: Buffer.from(delivery.body) }),
        services.mapping.properties(partnerId, 'deals'),
      ])
      const wanted = [/contacts\/batch\/update$/, /contacts\/batch\/read$/, /properties\/.*deals$/]
      const calls = await vi.waitFor(async () => {
        await stayCrowded()
        const seen = await simulator.control.calls({ since: from, limit: 5000 })
        expect(wanted.filter(path => seen.some(call => path.test(call.path))).map(String)).toEqual(
          wanted.map(String),
        )
        return seen
      }, patience)
      const last = calls.findLastIndex(call => wanted.some(path => path.test(call.path)))
      const until = calls.slice(0, last + 1)
      const people = until.filter(call => !isPage(call) && !isCut(call))
      // The hinted contact is read, the edited one as well before it is written.
      expect(people.length).toBeGreaterThanOrEqual(3)
      expect(people.length).toBeLessThanOrEqual(share.people)
      // One page may have been on its way; the next ones waited for a window of their own.
      expect(until.filter(isPage).length).toBeLessThanOrEqual(1)
      await vi.waitFor(
        async () =>
          expect((await simulator.control.calls({ since: calls.at(-1)?.seq })).some(isPage)).toBe(
            true,
          ),
        patience,
      )
      expect((await services.sync.current(partnerId))?.kind).toBe('initial')
    },
    60_000,
  )

  it('Sync Now is that import, and "why" asks HubSpot nothing', async () => {
    const { partnerId } = partner
    const running = await services.sync.current(partnerId)
    expect(running?.kind).toBe('initial')
    const [started, lead] = [
      await services.sync.requestSync(partnerId, { trigger: 'manual' }),
      await services.database.collections.leads.findOne({
        partner_id: partnerId,
        hubspot_id: { $type: 'string' },
      }),
    ]
    expect(started.id).toBe(running?.id)
    await vi.waitFor(
      async () =>
        expect([
          await services.leads.hasDirty(partnerId),
          await services.database.collections.webhookEvents.countDocuments({ status: 'pending' }),
        ]).toEqual([false, 0]),
      patience,
    )
    const from = await crowd()
    expect((await services.explain(partnerId, lead?.hubspot_id ?? '')).matchedBy).toBe('hubspot_id')
    const calls = await simulator.control.calls({ since: from })
    expect(calls.filter(call => !isPage(call) && !isCut(call))).toEqual([])
  }, 60_000)

  it.skipIf(isStrange('real'))(
    "a preview's pages go before the import's",
    async () => {
      await crowd()
      const before = pages.length
      const preview = services.preview(partner.partnerId).catch(() => null)
      await vi.waitFor(async () => {
        await stayCrowded()
        expect(pages.length).toBeGreaterThanOrEqual(before + share.people)
      }, patience)
      // The preview begins at the beginning: what it asks for, the import has had. One page of the
      // import's may have been on its way.
      const had = new Set(pages.slice(0, before))
      expect(
        pages.slice(before, before + share.people).filter(page => !had.has(page)).length,
      ).toBeLessThanOrEqual(1)
      await services.connection.disconnect(partner.partnerId, systemActor)
      await preview
    },
    60_000,
  )
})
