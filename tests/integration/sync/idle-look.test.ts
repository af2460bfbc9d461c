import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDuePartners } from '../../../server/sync/runs/schedule'
import { createLook, type Look } from '../../../server/sync/readers/look'
import { createSweepPace } from '../../../server/sync/readers/sweep-pace'
import { createSyncCursors } from '../../../server/sync/readers/cursors-repository'
import { createLog } from '../../../server/observability/log'
import { testDatabase } from '../../support/mongo'
import { startMongoProxy, type MongoProxy } from '../../support/mongo-proxy'
import { startSyncBench, type SyncBench } from '../../support/sync'

const intervalSeconds = 300
const minute = 60_000

/** The scheduled look at a partner: what it costs, and what it leaves to a run. */
describe('a scheduled look', () => {
  let proxy: MongoProxy
  let bench: SyncBench
  let foundNothing: Look
  let duePartners: ReturnType<typeof createDuePartners>
  let cursors: ReturnType<typeof createSyncCursors>
  const signal = new AbortController().signal

  beforeAll(async () => {
    const database = await testDatabase()
    proxy = await startMongoProxy(database.uri)
    bench = await startSyncBench({
      simulator: { contacts: 30, deals: 6 },
      database: { ...database, uri: proxy.uri },
    })
    await bench.control.setWebhooks({ enabled: false })
    const { services, collections, time } = bench
    const clock = () => new Date(Date.now() + time.offsetMs)
    duePartners = createDuePartners({ collections, clock, intervalSeconds })
    cursors = createSyncCursors({ collections, clock })
    foundNothing = createLook({
      cursors,
      duePartners,
      records: { leads: services.leads, deals: services.deals },
      crmFor: services.crm.forPartner,
      sweepPace: createSweepPace(intervalSeconds),
      clock,
      log: createLog({ level: 'silent' }),
    })
    await bench.run('initial')
    await bench.run()
  })
  afterAll(async () => {
    await bench.stop()
    await proxy.stop()
  })

  /** Time goes on, here and in HubSpot. */
  async function pass(ms: number): Promise<void> {
    bench.time.offsetMs += ms
    await bench.control.advanceClock(ms)
  }

  /** One look from the claim to its end. */
  async function look() {
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.next_sync_at': new Date(0) } },
    )
    // A refresh is no part of a look.
    await bench.services.connection.getValidAccessToken(bench.partner.partnerId)
    await bench.control.clearCalls()
    proxy.takeCommands()
    const partner = await duePartners.claimDue()
    if (!partner) throw new Error('The partner is not due')
    const nothing = await foundNothing(partner, await cursors.find(partner), signal)
    return {
      nothing,
      commands: proxy.takeCommands(),
      calls: await bench.control.calls({ limit: 100 }),
    }
  }
  const integration = async () =>
    (await bench.collections.partners.findOne({ _id: bench.partner.partnerId }))
      ?.hubspot_integration
  const cursor = () => cursors.find(bench.partner)

  beforeEach(async () => {
    // Out of the reach of what the test before changed.
    await pass(10 * minute)
    await bench.run()
  })

  test('costs two requests and ten commands at most, and makes no run', async () => {
    await pass(6 * minute)
    const runs = await bench.collections.syncRuns.countDocuments()
    const { nothing, commands, calls } = await look()
    expect(nothing).toBe(true)
    expect(calls.map(({ path }) => path.split('/').at(-1))).toEqual(['search', 'search'])
    // A token is read again when its call had to wait (docs/decisions.md, D51): not counted.
    const tokens = commands.filter(command => command === 'find partners')
    const others = commands.filter(command => command !== 'find partners')
    expect(others.length + Math.min(tokens.length, 2), commands.join(', ')).toBeLessThanOrEqual(9)
    expect(await bench.collections.syncRuns.countDocuments()).toBe(runs)
    const { last_synced_at, next_sync_at } = (await integration()) ?? {}
    const now = Date.now() + bench.time.offsetMs
    expect(last_synced_at?.getTime()).toBeGreaterThan(now - minute)
    expect(next_sync_at?.getTime()).toBeGreaterThan(now + 4 * minute)
  })

  test('does the delayed pass in the same two requests', async () => {
    const before = (await cursor())?.complete_until?.getTime() ?? 0
    await pass(19 * minute)
    const { nothing, calls } = await look()
    expect(nothing).toBe(true)
    expect(calls.length).toBe(2)
    expect((await cursor())?.complete_until?.getTime()).toBeGreaterThan(before)
  })

  test.each(['contacts', 'deals'] as const)('leaves changed %s to a run', async type => {
    const [record] = await bench.portal.list(type, 1)
    await bench.portal.edit(
      type,
      record?.id ?? '',
      type === 'contacts' ? { company: 'Changed' } : { dealname: 'Changed' },
    )
    await pass(4 * minute)
    const before = (await integration())?.last_synced_at
    expect((await look()).nothing).toBe(false)
    expect((await integration())?.last_synced_at).toEqual(before)
  })

  test('leaves what waits to be written to a run', async () => {
    const { services, partner, collections } = bench
    const lead = await collections.leads.findOne({ partner_id: partner.partnerId })
    await services.leads.patch(partner.partnerId, lead?._id.toHexString() ?? '', {
      company: 'Changed here',
    })
    const { nothing, calls } = await look()
    expect(nothing).toBe(false)
    expect(calls).toEqual([])
  })

  test('leaves the sweeps to a run when they are due, and failures at any time', async () => {
    await pass(20 * minute)
    expect((await look()).nothing).toBe(false)
    await bench.run()
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.last_failure': { code: 'our_fault', at: new Date() } } },
    )
    expect((await look()).nothing).toBe(false)
    await bench.run()
    expect((await integration())?.last_failure).toBeNull()
  })

  test('leaves a HubSpot that does not answer to a run', async () => {
    await bench.control.inject({
      path: '/search',
      times: null,
      action: { kind: 'status', status: 503 },
    })
    expect((await look()).nothing).toBe(false)
    await bench.control.clearFaults()
  })

  test('comes later while webhooks arrive, but not by more than half an interval', async () => {
    const { partner, collections } = bench
    const { _id, ...run } = (await collections.syncRuns.findOne({})) ?? {}
    if (!_id || !('partner_id' in run)) throw new Error('No run')
    const webhook = { ...run, _id, kind: 'webhook', trigger: 'webhook' } as const
    await collections.partners.updateOne(
      { _id: partner.partnerId },
      { $set: { 'hubspot_integration.last_failure': null } },
    )
    expect((await look()).nothing).toBe(true)
    const synced = (await integration())?.last_synced_at?.getTime() ?? 0
    const next = async () => ((await integration())?.next_sync_at?.getTime() ?? 0) - synced
    await pass(minute)
    await duePartners.afterRun(webhook, { failure: null, limit: null, soon: false })
    expect(await next()).toBeGreaterThan(5.9 * minute)
    await pass(4 * minute)
    await duePartners.afterRun(webhook, { failure: null, limit: null, soon: false })
    expect(await next()).toBe(7.5 * minute)
  })
})
