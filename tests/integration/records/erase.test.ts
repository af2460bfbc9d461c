import { ObjectId, type Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import recordsDelete from '../../../server/api/v1/integrations/hubspot/records.delete'
import { userActor } from '../../../server/database/audit'
import { newDeal, newLead } from '../../../server/records/blank'
import { createEraseRecords } from '../../../server/leads/erase-after-disconnect'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { aUser } from '../../support/users'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let admin: CallAs
let member: CallAs
let other: Awaited<ReturnType<SyncBench['connect']>>
const path = '/api/v1/integrations/hubspot/records'
const password = 'a long enough password'
const canary = 'Canary-of-a-contact'

beforeAll(async () => {
  bench = await startSyncBench({ writeBack: false, simulator: { contacts: 30, deals: 12 } })
  other = await bench.connect('Contoso', 48_210_002)
  await aUser(bench.services.database.collections, {
    partnerName: 'Northwind',
    email: 'member@example.test',
    password,
    role: 'member',
  })
  http = await mountRoutes(bench.services, [{ method: 'DELETE', path, handler: recordsDelete }])
  admin = await http.as('northwind@example.test', password)
  member = await http.as('member@example.test', password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

const recordCollections = [
  'leads',
  'deals',
  'syncRuns',
  'syncCursors',
  'webhookEvents',
  'stageMappings',
  'fieldMappings',
  'erasedContacts',
] as const

async function dataOf(partnerId: ObjectId): Promise<Record<string, Document[]>> {
  const all: Record<string, Document[]> = {}
  for (const name of recordCollections)
    all[name] = await bench.collections[name]
      .find({ partner_id: partnerId } as never)
      .sort({ _id: 1 })
      .toArray()
  return all
}

/** As an import, webhooks and edits leave it. */
async function fill({
  partnerId,
  portalId,
}: {
  partnerId: ObjectId
  portalId: string
}): Promise<{ madeHere: ObjectId[] }> {
  const { collections } = bench
  const now = new Date()
  const leads = Array.from({ length: 700 }, (_, index) => ({
    ...newLead(partnerId, { email: `c${index}@example.com`, firstName: canary }, now),
    hubspot_id: String(index),
    portal_id: portalId,
    local_email: null,
    base: { firstname: canary },
    remote: { firstname: canary },
  }))
  const deals = Array.from({ length: 600 }, (_, index) => ({
    ...newDeal(partnerId, { name: canary }, now),
    hubspot_id: String(index),
    portal_id: portalId,
    lead_ids: [leads[index]?._id ?? new ObjectId()],
    hubspot_contact_ids: [String(index)],
  }))
  const lead = newLead(partnerId, { email: 'made@here.example', firstName: 'Made here' }, now)
  const deal = {
    ...newDeal(partnerId, { name: 'Made here' }, now),
    lead_ids: [lead._id, leads[3]?._id ?? new ObjectId()],
  }
  await collections.leads.insertMany([...leads, lead])
  await collections.deals.insertMany([...deals, deal])
  await collections.syncCursors.insertOne({
    _id: `${partnerId.toHexString()}:${portalId}`,
    partner_id: partnerId,
    portal_id: portalId,
    contacts_watermark: now,
    deals_watermark: now,
    complete_until: now,
    reconciled_at: now,
    initial_done_at: now,
    updated_at: now,
  })
  await collections.webhookEvents.insertMany(
    Array.from({ length: 20 }, (_, index) => ({
      _id: `${portalId}|contact.creation|${index}`,
      partner_id: partnerId,
      portal_id: portalId,
      subscription_type: 'contact.creation',
      object_type: 'contacts' as const,
      object_id: String(index),
      occurred_at: now,
      received_at: now,
      related: null,
      status: 'pending' as const,
      attempts: 0,
      processed_at: null,
    })),
  )
  await collections.syncRuns.insertOne({
    _id: new ObjectId(),
    schema_version: 1,
    partner_id: partnerId,
    portal_id: portalId,
    kind: 'initial',
    status: 'failed',
    trigger: 'connect',
    active: false,
    phase: 'contacts',
    checkpoint: { after: canary },
    watermark: now,
    counts: { seen: 700, created: 700, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 },
    total: 1000,
    error: { code: 'hubspot_unavailable', message: `About ${canary}`, correlationId: canary },
    identical: null,
    lease: null,
    again: null,
    queued_at: now,
    started_at: now,
    finished_at: now,
    version: 1,
    updated_at: now,
  })
  await collections.erasedContacts.insertOne({
    _id: `tombstone-${portalId}`,
    partner_id: partnerId,
    at: now,
  })
  return { madeHere: [lead._id, deal._id] }
}

describe('erasing what was imported', () => {
  it('is refused while HubSpot is connected, to members, and without the word', async () => {
    const { madeHere } = await fill(bench.partner)
    expect(madeHere).toHaveLength(2)
    await fill(other)
    const before = await dataOf(bench.partner.partnerId)
    const refused = await admin<{ data: { code: string } }>('DELETE', path, { confirm: 'erase' })
    expect([refused.status, refused.body.data.code]).toEqual([409, 'hubspot_connected'])
    expect((await member('DELETE', path, { confirm: 'erase' })).status).toBe(403)
    for (const body of [
      {},
      { confirm: 'ERASE' },
      { confirm: true },
      { confirm: 'erase', partnerId: String(other.partnerId) },
    ])
      expect((await admin('DELETE', path, body)).status).toBe(422)
    expect(await dataOf(bench.partner.partnerId)).toEqual(before)
  })

  it('goes on where an interrupted one stopped, and begins with what a later import goes by', async () => {
    await bench.services.connection.disconnect(
      bench.partner.partnerId,
      userActor(bench.partner.signedIn),
    )
    const impatient = createEraseRecords({
      collections: bench.collections,
      clock: bench.services.clock,
      audit: bench.services.audit,
      forgetProgress: bench.services.sync.forgetProgress,
      callMs: 0,
    })
    const actor = userActor(bench.partner.signedIn)
    const first = await impatient(bench.partner.partnerId, { actor })
    expect(first).toMatchObject({ done: false, leads: 0 })
    const { syncCursors, syncRuns } = await dataOf(bench.partner.partnerId)
    expect([syncCursors, syncRuns?.map(run => run.checkpoint)]).toEqual([[], [null]])
    expect(
      (await bench.services.leads.list(bench.partner.partnerId, { limit: 1, sort: '-updatedAt' }))
        .total,
    ).toBe(701)
  })

  it('leaves what was made here, mappings, tombstones and every other partner alone', async () => {
    const theirs = await dataOf(other.partnerId)
    const erased = await admin<{ done: boolean; leads: number; deals: number }>('DELETE', path, {
      confirm: 'erase',
    })
    expect(erased.status).toBe(200)
    expect(erased.body).toMatchObject({ done: true, leads: 700 })
    const left = await dataOf(bench.partner.partnerId)
    expect(left.leads?.map(lead => lead.values.firstName)).toEqual(['Made here'])
    expect(left.deals?.map(deal => [deal.values.name, deal.lead_ids.map(String)])).toEqual([
      ['Made here', left.leads?.map(lead => String(lead._id))],
    ])
    expect([left.webhookEvents, left.syncCursors, left.erasedContacts?.length]).toEqual([[], [], 1])
    expect(left.syncRuns?.map(run => [run.checkpoint, run.error.code, run.counts.seen])).toEqual([
      [null, 'hubspot_unavailable', 700],
    ])
    expect(JSON.stringify(left)).not.toContain(canary)
    expect(await dataOf(other.partnerId)).toEqual(theirs)
  })

  it("again finds nothing more, and every time is audited without anybody's data", async () => {
    expect((await admin('DELETE', path, { confirm: 'erase' })).body).toEqual({
      done: true,
      leads: 0,
      deals: 0,
      webhookEvents: 0,
    })
    const lines = await bench.collections.auditLog
      .find({ partner_id: bench.partner.partnerId, action: 'records.erase' })
      .sort({ _id: 1 })
      .toArray()
    expect(lines.map(line => line.details.step)).toEqual([
      'begun',
      'to be continued',
      'begun',
      'done',
      'begun',
      'done',
    ])
    expect(lines.every(line => line.actor.email === 'northwind@example.test')).toBe(true)
    expect(JSON.stringify(lines)).not.toContain(canary)
  })
})
