import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultOverlap } from '../../../server/sync/readers/search-overlap'
import { shortOrWhole } from '../../support/proofs'
import { runUntilIndexed } from '../../support/strange'
import { startSyncBench, type SyncBench } from '../../support/sync'

async function firstStage({ portal }: SyncBench): Promise<{ pipeline: string; dealstage: string }> {
  const [pipeline] = await portal.pipelines()
  return { pipeline: pipeline?.id ?? '', dealstage: pipeline?.stages[0]?.id ?? '' }
}

/** How many results HubSpot's search pages through, and more contacts than that */
const mostSearchResults = shortOrWhole(1000, 10_000)
const many = 1.2 * mostSearchResults

describe('incremental sync of many records', () => {
  let bench: SyncBench
  beforeAll(async () => {
    bench = await startSyncBench({
      simulator: { contacts: many, deals: 60, settings: { mostSearchResults } },
    })
    await bench.control.setWebhooks({ enabled: false })
  })
  afterAll(() => bench.stop())

  test("brings everything that was never read, past the cap of the search's results", async () => {
    const run = await bench.run()
    expect(run.counts.created).toBe(many + 60)
    expect(run.counts.failed).toBe(0)
    expect(
      await bench.collections.leads.countDocuments({ partner_id: bench.partner.partnerId }),
    ).toBe(many)
    const searches = await bench.control.calls({ path: '/search', limit: 5000 })
    expect(searches.every(call => call.status === 200)).toBe(true)
  }, 240_000)

  test('finds nothing new right after', async () => {
    const run = await bench.run()
    expect(run.counts).toMatchObject({ created: 0, updated: 0, failed: 0 })
  }, 60_000)

  test(`follows ${many} edits on one millisecond`, async () => {
    const { edited } = await bench.portal.bulkEdit('contacts', {
      count: many,
      properties: { company: 'Bulk $n' },
    })
    expect(edited).toBe(many)
    const run = await bench.run()
    expect(run.counts.updated).toBe(many)
    expect(
      await bench.collections.leads.countDocuments({
        partner_id: bench.partner.partnerId,
        'values.company': /^Bulk /,
      }),
    ).toBe(many)
  }, 240_000)
})

describe('incremental sync', () => {
  let bench: SyncBench
  beforeAll(async () => {
    bench = await startSyncBench({ simulator: { contacts: 150, deals: 30 } })
    await bench.control.setWebhooks({ enabled: false })
    await bench.run()
  })
  afterAll(() => bench.stop())

  test('follows archived, restored and merged records', async () => {
    const [one, two, three, four] = (await bench.portal.list('contacts', 40))
      .slice(20, 24)
      .map(contact => contact.id)
    if (!one || !two || !three || !four) throw new Error('too few contacts')
    await bench.portal.archive('contacts', one)
    await bench.portal.archive('contacts', two)
    const before = await bench.leadOf(four)
    await bench.portal.merge('contacts', three, four)
    await runUntilIndexed(bench)
    expect((await bench.leadOf(one))?.archived_at).not.toBeNull()
    expect((await bench.leadOf(one))?.sync.state).toBe('unlinked')
    expect(await bench.leadOf(four)).toBeNull()
    expect(before).not.toBeNull()
    expect(await bench.leadOf(three)).not.toBeNull()
    await bench.portal.restore('contacts', two)
    await runUntilIndexed(bench)
    expect((await bench.leadOf(two))?.archived_at).toBeNull()
    expect((await bench.leadOf(two))?.sync.state).toBe('in_sync')
    expect((await bench.leadOf(one))?.archived_at).not.toBeNull()
  }, 60_000)

  test('follows a merge into a new record', async () => {
    const [, , , , , , five, six] = (await bench.portal.list('contacts', 40))
      .slice(20)
      .map(contact => contact.id)
    if (!five || !six) throw new Error('too few contacts')
    const leads = await bench.collections.leads.countDocuments({
      partner_id: bench.partner.partnerId,
    })
    const winner = await bench.portal.merge('contacts', five, six, { asNewRecord: true })
    await runUntilIndexed(bench)
    expect(await bench.leadOf(winner.id)).not.toBeNull()
    expect(await bench.leadOf(five)).toBeNull()
    expect(await bench.leadOf(six)).toBeNull()
    expect(
      await bench.collections.leads.countDocuments({ partner_id: bench.partner.partnerId }),
    ).toBe(leads - 1)
  }, 60_000)

  test.each([true, false])(
    'follows a merge whose outcome was archived before anybody looked (old ids lead on: %s)',
    async mergedContactsResolve => {
      await bench.control.set({ mergedContactsResolve })
      for (const type of ['contacts', 'deals'] as const) {
        const properties: Record<string, string> =
          type === 'contacts'
            ? { lastname: 'Merged' }
            : { dealname: 'Merged', ...(await firstStage(bench)) }
        const [winner, loser, one, other] = [
          await bench.portal.create(type, properties),
          await bench.portal.create(type, properties),
          await bench.portal.create(type, properties),
          await bench.portal.create(type, properties),
        ]
        await runUntilIndexed(bench)
        await bench.portal.merge(type, winner.id, loser.id)
        await bench.portal.archive(type, winner.id)
        const third = await bench.portal.merge(type, one.id, other.id, { asNewRecord: true })
        await bench.portal.archive(type, third.id)
        await runUntilIndexed(bench)
        const ours = await (type === 'contacts' ? bench.collections.leads : bench.collections.deals)
          .find(
            { hubspot_id: { $in: [winner, loser, one, other, third].map(record => record.id) } },
            { sort: { hubspot_id: 1 } },
          )
          .toArray()
        expect(ours.map(record => [record.hubspot_id, record.sync.state])).toEqual([
          [winner.id, 'unlinked'],
          [third.id, 'unlinked'],
        ])
      }
      await bench.control.set({ mergedContactsResolve: true })
    },
    60_000,
  )

  test('follows changes of associations alone', async () => {
    const [deal] = await bench.portal.list('deals', 1)
    const [, , contact] = await bench.portal.list('contacts', 3)
    if (!deal || !contact) throw new Error('no deal')
    await bench.portal.associate(contact.id, deal.id)
    await bench.run()
    const lead = await bench.leadOf(contact.id)
    expect((await bench.dealOf(deal.id))?.hubspot_contact_ids).toContain(contact.id)
    expect((await bench.dealOf(deal.id))?.lead_ids.map(String)).toContain(String(lead?._id))
    await bench.portal.dissociate(contact.id, deal.id)
    await bench.run()
    expect((await bench.dealOf(deal.id))?.hubspot_contact_ids).not.toContain(contact.id)
    expect((await bench.dealOf(deal.id))?.lead_ids.map(String)).not.toContain(String(lead?._id))
  }, 60_000)

  test('does not bring back what the index still lists', async () => {
    const stays = await bench.portal.create('contacts', {
      lastname: 'Stays',
      email: 'stays@index.test',
    })
    const goes = await bench.portal.create('contacts', {
      lastname: 'Goes',
      email: 'goes@index.test',
    })
    await runUntilIndexed(bench)
    const leads = () =>
      bench.collections.leads.countDocuments({ partner_id: bench.partner.partnerId })
    const before = await leads()
    const shortlived = await bench.portal.create('contacts', { lastname: 'Short-lived' })
    await bench.control.set({ searchLagMs: 60 * 60_000 })
    await bench.portal.merge('contacts', stays.id, goes.id)
    await bench.portal.archive('contacts', shortlived.id)
    // By list, which shows the merge at once; then by the index, which does not.
    await bench.run('reconcile')
    expect(await bench.leadOf(goes.id)).toBeNull()
    const run = await bench.run()
    expect([await bench.leadOf(goes.id), await bench.leadOf(shortlived.id), await leads()]).toEqual(
      [null, null, before - 1],
    )
    expect(run.counts).toMatchObject({ created: 0, failed: 0 })
    await bench.control.set({ searchLagMs: 0 })
  }, 60_000)

  test('says how many linked records are identical, and repairs what is not', async () => {
    const clean = await bench.run('reconcile')
    expect(clean.identical?.compared).toBeGreaterThan(150)
    expect(clean.identical).toEqual({
      compared: clean.identical?.compared,
      identical: clean.identical?.compared,
      repaired: 0,
    })
    const [contact] = await bench.portal.list('contacts', 1)
    await bench.collections.leads.updateOne(
      { hubspot_id: contact?.id },
      {
        $set: {
          'values.lastName': 'Broken',
          'base.lastname': 'Broken',
          'remote.lastname': 'Broken',
          hubspot_modified_at: new Date(0),
        },
      },
    )
    const repaired = await bench.run('reconcile')
    expect(repaired.identical?.repaired).toBe(1)
    // A deal that is tied to a lead here, whatever was taken for HubSpot's contacts.
    const [deal] = await bench.portal.list('deals', 1)
    const stranger = await bench.collections.leads.findOne({
      partner_id: bench.partner.partnerId,
      archived_at: null,
      hubspot_id: { $nin: deal?.associations ?? [] },
    })
    await bench.collections.deals.updateOne(
      { hubspot_id: deal?.id },
      { $addToSet: { lead_ids: stranger?._id } },
    )
    expect((await bench.run('reconcile')).identical?.repaired).toBe(1)
    expect((await bench.dealOf(deal?.id ?? ''))?.lead_ids.map(String)).not.toContain(
      String(stranger?._id),
    )
    expect((await bench.leadOf(contact?.id ?? ''))?.values.lastName).toBe(
      contact?.properties.lastname,
    )
  }, 240_000)

  test('makes good what the index showed late, long after the overlap', async () => {
    const [contact] = await bench.portal.list('contacts', 1)
    const id = contact?.id ?? ''
    await bench.control.set({ searchLagMs: 60 * 60_000 })
    await bench.portal.edit('contacts', id, { firstname: 'Late' })
    await bench.run()
    expect((await bench.leadOf(id))?.values.firstName).not.toBe('Late')
    // Meanwhile others are edited, so that the watermark passes by. (The clock only goes forward
    // here: the last test of this file.)
    await bench.collections.syncCursors.updateOne(
      { partner_id: bench.partner.partnerId },
      { $set: { contacts_watermark: new Date(Date.now() + 10 * 60_000) } },
    )
    await bench.control.set({ searchLagMs: 0 })
    bench.time.offsetMs = defaultOverlap.delayMs + defaultOverlap.delayedStepMs + 5 * 60_000
    await bench.run()
    bench.time.offsetMs = 0
    expect((await bench.leadOf(id))?.values.firstName).toBe('Late')
  }, 240_000)
})
