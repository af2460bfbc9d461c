import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DealDocument } from '../../../server/database/documents'
import { reconcileIsDue } from '../../../server/sync/runs/schedule'
import { present } from '../../support/present'
import { startSyncBench, type SyncBench } from '../../support/sync'

let bench: SyncBench

beforeAll(async () => {
  bench = await startSyncBench()
})
afterAll(async () => {
  await bench.stop()
})

const closeDateOf = async (id: string) => (await bench.dealOf(id))?.values.closeDate
/** As people of the account see it */
const shownThere = async (id: string) => (await bench.portal.get('deals', id)).shownTimes.closedate
const writes = async (id: string) =>
  (await bench.control.calls({ path: '/batch/update', limit: 100 })).filter(call =>
    JSON.stringify(call).includes(id),
  ).length

/** An admin of the account moves it, and the background sees that. */
async function moveTo(timeZone: string): Promise<void> {
  await bench.portal.setAccount({ timeZone })
  await bench.collections.partners.updateOne(
    { _id: bench.partner.partnerId },
    { $set: { 'hubspot_integration.account.read_at': new Date(0) } },
  )
  await bench.services.connection.maintain()
}

async function newDeal(closedate: string) {
  const { id } = await bench.portal.create('deals', { dealname: `Closes ${closedate}`, closedate })
  return id
}

/** Edits it here and writes that to HubSpot. @returns what HubSpot then has */
async function edit(id: string, closeDate: string | null) {
  const deal = present(await bench.dealOf(id))
  await bench.services.deals.patch(bench.partner.partnerId, deal._id.toHexString(), { closeDate })
  await bench.run()
  return (await bench.portal.get('deals', id)).properties.closedate
}

describe.each([
  ['America/New_York', '2027-01-01T02:30:00Z', '2026-12-31', '2026-07-01T16:00:00Z'],
  ['Asia/Kathmandu', '2026-12-31T18:15:00Z', '2027-01-01', '2026-07-01T06:15:00Z'],
  ['Pacific/Kiritimati', '2026-12-31T10:00:00Z', '2027-01-01', '2026-06-30T22:00:00Z'],
  ['UTC', '2026-12-31T23:59:59Z', '2026-12-31', '2026-07-01T12:00:00Z'],
])('the close date of an account in %s', (timeZone, instant, day, noon) => {
  beforeAll(() => moveTo(timeZone))

  it('comes in as the day there, by search and by webhook, and goes back only when edited', async () => {
    const id = await newDeal(instant)
    await bench.run()
    expect(await closeDateOf(id)).toBe(day)
    expect(await shownThere(id)).toMatch(day)
    expect(await edit(id, '2026-07-01')).toBe(noon)
    expect(await shownThere(id)).toBe('2026-07-01 12:00')
    expect(await closeDateOf(id)).toBe('2026-07-01')
    await bench.portal.edit('deals', id, { closedate: instant })
    await bench.webhooksSettled()
    await bench.run('webhook')
    expect(await closeDateOf(id)).toBe(day)
    // The day on which HubSpot's instant lies already: its time of day stays.
    expect(await edit(id, '2026-07-02')).not.toBe(instant)
    const written = await writes(id)
    await bench.portal.edit('deals', id, { closedate: instant })
    const deal = present(await bench.dealOf(id))
    await bench.services.deals.patch(bench.partner.partnerId, deal._id.toHexString(), {
      closeDate: day,
    })
    await bench.run()
    expect((await bench.portal.get('deals', id)).properties.closedate).toBe(instant)
    expect([await closeDateOf(id), await writes(id)]).toEqual([day, written])
  })

  it('of a new deal is noon of that day there, and is not rewritten by a comparison', async () => {
    const { id } = await bench.services.deals.create(bench.partner.partnerId, {
      name: `Made for ${timeZone}`,
      closeDate: '2026-07-01',
    })
    await bench.run()
    const deal = present(
      await bench.collections.deals.findOne({ 'values.name': `Made for ${timeZone}` }),
    )
    const hubspotId = present(deal.hubspot_id)
    expect([id, (await bench.portal.get('deals', hubspotId)).properties.closedate]).toEqual([
      deal._id.toHexString(),
      noon,
    ])
    const written = await writes(hubspotId)
    await bench.run('reconcile')
    expect([await closeDateOf(hubspotId), await writes(hubspotId)]).toEqual(['2026-07-01', written])
  })
})

describe('a record of an earlier version, read in UTC', () => {
  it('shows the right day after the next comparison, and nothing is written to HubSpot', async () => {
    await moveTo('America/New_York')
    const ids = [await newDeal('2027-01-01T02:30:00Z'), await newDeal('2027-01-01T00:00:00Z')]
    await bench.run()
    const old: Partial<DealDocument> = { 'values.closeDate': '2027-01-01' } as never
    await bench.collections.deals.updateMany(
      { hubspot_id: { $in: ids } },
      { $set: old, $unset: { base_days: 1 } },
    )
    const before = await Promise.all(ids.map(id => bench.portal.get('deals', id)))
    await bench.run('reconcile')
    expect(await Promise.all(ids.map(closeDateOf))).toEqual(['2026-12-31', '2026-12-31'])
    expect(await Promise.all(ids.map(id => bench.portal.get('deals', id)))).toEqual(before)
    expect(await bench.collections.deals.countDocuments({ dirty: true })).toBe(0)
  })

  it('is compared soon after an account moved, without waiting for the night', async () => {
    const due = async () => {
      const cursor = await bench.collections.syncCursors.findOne({})
      const partner = await bench.collections.partners.findOne({ _id: bench.partner.partnerId })
      return reconcileIsDue(cursor, present(partner?.hubspot_integration).account, new Date())
    }
    expect(await due()).toBe(false)
    const id = await newDeal('2027-01-01T02:30:00Z')
    await bench.run()
    const dirty = await newDeal('2026-05-05T02:30:00Z')
    await bench.run()
    const deal = present(await bench.dealOf(dirty))
    await bench.services.deals.patch(bench.partner.partnerId, deal._id.toHexString(), {
      closeDate: '2026-06-06',
    })
    await moveTo('Europe/Berlin')
    expect(await due()).toBe(true)
    await bench.run('reconcile')
    expect(await due()).toBe(false)
    expect(await closeDateOf(id)).toBe('2027-01-01')
    expect((await bench.portal.get('deals', id)).properties.closedate).toBe('2027-01-01T02:30:00Z')
    // What was edited before is still that day, and is written as noon of the new zone.
    expect([
      await closeDateOf(dirty),
      (await bench.portal.get('deals', dirty)).properties.closedate,
    ]).toEqual(['2026-06-06', '2026-06-06T10:00:00Z'])
  })
})
