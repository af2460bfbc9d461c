import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPaceStore } from '../../../server/database/pace'
import { createPacing } from '../../../server/hubspot/pacing'
import { defaultIndexLagMs } from '../../../server/sync/outbound/find-created'
import { startSyncBench, type SyncBench } from '../../support/sync'

let bench: SyncBench
beforeAll(async () => {
  bench = await startSyncBench({
    // For some records nearly twice as long.
    simulator: { settings: { searchLagMs: 1200, searchLagUneven: true } },
    sync: { indexLagMs: 2500 },
  })
  await bench.control.setWebhooks({ enabled: false })
}, 120_000)
afterAll(() => bench.stop())

test('a create that waited its turn for long, and whose reply was lost then, is looked for once the index can know it', async () => {
  const { partnerId, portalId } = bench.partner
  const waiting = () => bench.collections.leads.findOne({ partner_id: partnerId, dirty: true })
  await bench.services.leads.create(partnerId, { firstName: 'Late', lastName: 'Arrival' })
  // The intent is stored, and the request held back for longer than the index lags.
  await createPacing({
    store: createPaceStore(bench.collections),
    limits: { requestsPerTenSeconds: 10_000, searchesPerSecond: 1000 },
  }).pause(portalId, 'general', 3000)
  await bench.control.inject({
    path: '/contacts/batch/create',
    times: 1,
    action: { kind: 'reset', afterWork: true },
  })
  await bench.run('webhook')
  const unclear = await waiting()
  expect(unclear?.create_intent?.unclear_at).toBeInstanceOf(Date)
  expect(unclear?.sync.next_try_at?.getTime()).toBe(
    (unclear?.create_intent?.unclear_at?.getTime() ?? 0) + 2500,
  )
  expect(await bench.portal.find('contacts', 'lastname', 'Arrival')).toHaveLength(1)

  await expect
    .poll(
      async () => {
        await bench.run('webhook')
        return await waiting()
      },
      { timeout: 20_000, interval: 250 },
    )
    .toBeNull()
  const made = await bench.portal.find('contacts', 'lastname', 'Arrival')
  expect(made).toHaveLength(1)
  expect(
    await bench.collections.leads
      .find({ partner_id: partnerId, portal_id: portalId })
      .map(lead => lead.hubspot_id)
      .toArray(),
  ).toEqual([made[0]?.id])
}, 60_000)

describe('an object that the index shows too late, after its create lost its reply', () => {
  const loseReplies = async (path = '/batch/create', skip = 0) =>
    await bench.control.inject({
      path,
      skip,
      times: null,
      action: { kind: 'reset', afterWork: true },
    })
  const writeBack = async (on: boolean) =>
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.write_back': on } },
    )
  let bench: SyncBench
  beforeAll(async () => {
    bench = await startSyncBench({ simulator: { settings: { searchLagMs: 60 * 60_000 } } })
    await bench.control.setWebhooks({ enabled: false })
  }, 120_000)
  afterAll(() => bench.stop())

  /** What HubSpot has of it arrives as a webhook would bring it, and the index's time goes by. */
  async function arrives() {
    await bench.control.clearFaults()
    await writeBack(false)
    await bench.run('reconcile')
    await writeBack(true)
    bench.time.offsetMs += defaultIndexLagMs + 1000
  }

  test('is known by what came in another way: a deal alone, a contact without an address', async () => {
    const { partnerId } = bench.partner
    await loseReplies()
    const lead = await bench.services.leads.create(partnerId, { lastName: 'Unindexed' })
    const deal = await bench.services.deals.create(partnerId, { name: 'Unindexed' })
    await bench.run('webhook').catch(() => {})
    await bench.run('webhook').catch(() => {})
    await arrives()
    await bench.run('webhook')
    const [contacts, deals] = [
      await bench.portal.find('contacts', 'lastname', 'Unindexed'),
      await bench.portal.find('deals', 'dealname', 'Unindexed'),
    ]
    expect([contacts.length, deals.length]).toEqual([1, 1])
    expect((await bench.services.leads.get(partnerId, lead.id)).hubspotId).toBe(contacts[0]?.id)
    expect((await bench.services.deals.get(partnerId, deal.id)).hubspotId).toBe(deals[0]?.id)
  }, 60_000)

  test('is known by the address that it began with, though HubSpot has another one by now', async () => {
    const { partnerId } = bench.partner
    // The look for its address goes through.
    await loseReplies('/contacts/', 1)
    const lead = await bench.services.leads.create(partnerId, {
      email: 'sent@example.com',
      lastName: 'Readdressed',
    })
    await bench.run('webhook').catch(() => {})
    const [contact] = await bench.portal.find('contacts', 'lastname', 'Readdressed')
    await bench.portal.edit('contacts', contact?.id ?? '', { email: 'other@example.com' })
    await arrives()
    await bench.run('webhook')
    expect(await bench.portal.find('contacts', 'lastname', 'Readdressed')).toHaveLength(1)
    expect(await bench.services.leads.get(partnerId, lead.id)).toMatchObject({
      hubspotId: contact?.id,
      email: 'other@example.com',
    })
  }, 60_000)

  test('is known by its id, where a process died after the copy of it was taken over', async () => {
    const { partnerId } = bench.partner
    await loseReplies()
    const lead = await bench.services.leads.create(partnerId, { lastName: 'Half joined' })
    await bench.run('webhook').catch(() => {})
    await bench.control.clearFaults()
    const [contact] = await bench.portal.find('contacts', 'lastname', 'Half joined')
    await bench.portal.edit('contacts', contact?.id ?? '', { lastname: 'Renamed there' })
    await bench.collections.leads.updateOne(
      { _id: new ObjectId(lead.id) },
      { $set: { 'create_intent.object_id': contact?.id } },
    )
    bench.time.offsetMs += defaultIndexLagMs + 1000
    await bench.run('webhook')
    expect(await bench.portal.find('contacts', 'lastname', 'Half joined')).toEqual([])
    expect((await bench.services.leads.get(partnerId, lead.id)).hubspotId).toBe(contact?.id)
  }, 60_000)
})
