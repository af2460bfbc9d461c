import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase, type Database } from '../../../server/database/client'
import { createCursors } from '../../../server/database/cursor'
import { createRecords } from '../../../server/leads/index'
import { createInbound, type Inbound } from '../../../server/sync/inbound/apply'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { aContact, aDealObject, mappingOf } from '../inbound/records'

let test: TestDatabase
let database: Database
let records: ReturnType<typeof createRecords>
let inbound: Inbound
let partnerId: ObjectId
let now = new Date('2026-06-01T12:00:00.000Z')
const portalId = '111'
const clock = () => now
const answeredAt = '2026-06-01T12:00:05.000Z'
const failure = { code: 'validation_error', message: 'HubSpot says no', correlationId: 'c-1' }

beforeAll(async () => {
  test = await testDatabase()
  database = createDatabase(test)
  await database.prepare()
  const { collections } = database
  const mapping = mappingOf(collections, clock)
  records = createRecords({
    collections,
    clock,
    mapping,
    cursors: createCursors({ secret: new Uint8Array(32) }),
    onLocalChange: async () => {},
  })
  inbound = createInbound({
    collections,
    clock,
    audit: createAuditLog({ collections, clock }),
    mapping,
  })
})
afterAll(async () => {
  await database.close()
  await test.drop()
})
beforeEach(() => {
  partnerId = new ObjectId()
  now = new Date('2026-06-01T12:00:00.000Z')
})

const claim = (type: 'leads' | 'deals' = 'leads') =>
  records[type].claimDirty(partnerId, { portalId, limit: 100 })
const arrive = (id: string, properties: Record<string, string | null>, updatedAt?: string) =>
  inbound.apply({
    partnerId,
    portalId,
    type: 'contacts',
    records: [aContact(id, properties, updatedAt)],
    runId: null,
  })
const leadOf = (id: string) => records.leads.get(partnerId, id)

describe('a new lead', () => {
  it('is claimed, created with what may go out, and in sync once HubSpot took it', async () => {
    const { id } = await records.leads.create(partnerId, {
      email: 'ada@example.com',
      firstName: 'Ada',
      lifecycleStage: 'lead',
    })
    const [write, ...others] = await claim()
    expect(others).toEqual([])
    expect(write).toMatchObject({
      action: 'create',
      properties: { email: 'ada@example.com', firstname: 'Ada' },
    })
    expect(write?.properties).not.toHaveProperty('lifecyclestage')
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: { id: '7', properties: { email: 'ada@example.com' }, updatedAt: answeredAt },
    })
    expect(await leadOf(id)).toMatchObject({ hubspotId: '7', sync: { state: 'in_sync' } })
    expect(await claim()).toEqual([])
    // No echo: what HubSpot reports of our own write changes nothing.
    expect(
      await arrive('7', { email: 'ada@example.com', firstname: 'Ada' }, answeredAt),
    ).toMatchObject({ unchanged: 1, updated: 0 })
    expect(await claim()).toEqual([])
  })

  it('made while write-back is off waits unlinked, and shows as pending once it is on', async () => {
    const { id, sync } = await records.leads.create(partnerId, { firstName: 'Early' })
    expect([sync.state, await records.leads.hasDirty(partnerId)]).toEqual(['unlinked', true])
    await records.leads.openOutbox(partnerId)
    expect((await leadOf(id)).sync.state).toBe('pending')
  })

  it("that turns out to be another lead's contact is folded into that one, with its deals", async () => {
    await arrive('7', { email: 'ada@example.com', firstname: 'Ada' })
    const { id } = await records.leads.create(partnerId, { firstName: 'Ada', company: 'Engines' })
    const deal = await records.deals.create(partnerId, { name: 'Both', leadIds: [id] })
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: { firstname: 'Ada', company: 'Engines' },
      object: { id: '7', properties: {}, updatedAt: answeredAt },
    })
    const { items } = await records.leads.list(partnerId, { limit: 25, sort: '-updatedAt' })
    expect(items.map(lead => [lead.hubspotId, lead.company])).toEqual([['7', 'Engines']])
    expect((await records.deals.get(partnerId, deal.id)).leadIds).toEqual([items[0]?.id])
  })
})

describe('an edit', () => {
  const linked = async () => {
    await arrive('7', { email: 'ada@example.com', firstname: 'Ada', phone: '+1 555 0100' })
    const {
      items: [lead],
    } = await records.leads.list(partnerId, { limit: 1, sort: '-updatedAt' })
    return lead?.id ?? ''
  }

  it('writes only what changed, and an edit back writes nothing', async () => {
    const id = await linked()
    await records.leads.patch(partnerId, id, { firstName: 'Augusta' })
    expect((await leadOf(id)).sync.state).toBe('pending')
    expect((await claim()).map(write => [write.action, write.properties])).toEqual([
      ['update', { firstname: 'Augusta' }],
    ])
    await records.leads.patch(partnerId, id, { firstName: 'Ada', phone: '+1-555-0100' })
    expect(await claim()).toEqual([])
    expect((await leadOf(id)).sync.state).toBe('in_sync')
    await records.leads.patch(partnerId, id, { phone: null })
    expect((await claim()).map(write => write.properties)).toEqual([{ phone: '' }])
  })

  it('made while the write is under way is written next', async () => {
    const id = await linked()
    await records.leads.patch(partnerId, id, { firstName: 'First' })
    const [write] = await claim()
    await records.leads.patch(partnerId, id, { firstName: 'Second' })
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: { id: '7', properties: { firstname: 'First' }, updatedAt: answeredAt },
    })
    expect(await leadOf(id)).toMatchObject({ firstName: 'Second', sync: { state: 'pending' } })
    expect((await claim()).map(one => one.properties)).toEqual([{ firstname: 'Second' }])
  })

  it('takes over the form that HubSpot gives a value, without writing it again', async () => {
    const id = await linked()
    await records.leads.patch(partnerId, id, { email: 'ada@new.example', company: 'engines ltd' })
    const [write] = await claim()
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: {
        id: '7',
        properties: { email: 'ada@new.example', company: 'Engines Ltd' },
        updatedAt: answeredAt,
      },
    })
    expect(await leadOf(id)).toMatchObject({ company: 'Engines Ltd', sync: { state: 'in_sync' } })
    expect(await claim()).toEqual([])
  })

  it('that HubSpot refuses is shown with its reason and waits for a change or its time', async () => {
    const id = await linked()
    await records.leads.patch(partnerId, id, { firstName: 'Bad' })
    const [write] = await claim()
    await records.leads.markFailed(partnerId, new ObjectId(id), {
      revision: write?.record.revision ?? -1,
      error: failure,
      retryAt: new Date(now.getTime() + 60_000),
    })
    expect((await leadOf(id)).sync).toMatchObject({ state: 'failed', error: failure })
    expect(await claim()).toEqual([])
    now = new Date(now.getTime() + 61_000)
    const [again] = await claim()
    await records.leads.markFailed(partnerId, new ObjectId(id), {
      revision: again?.record.revision ?? -1,
      error: failure,
      retryAt: null,
    })
    now = new Date(now.getTime() + 1e9)
    expect([await claim(), await records.leads.hasDirty(partnerId)]).toEqual([[], false])
    await records.leads.patch(partnerId, id, { firstName: 'Better' })
    expect((await leadOf(id)).sync).toMatchObject({ state: 'pending', error: null })
    expect(await claim()).toHaveLength(1)
  })

  it('loses to a change in HubSpot where HubSpot wins, and the decision is kept', async () => {
    const id = await linked()
    await records.leads.patch(partnerId, id, { firstName: 'Ours', lastName: 'Only ours' })
    await arrive(
      '7',
      { email: 'ada@example.com', firstname: 'Theirs', phone: '+1 555 0100' },
      answeredAt,
    )
    expect(await leadOf(id)).toMatchObject({
      firstName: 'Theirs',
      lastName: 'Only ours',
      sync: { state: 'pending' },
    })
    const stored = await database.collections.leads.findOne({ _id: new ObjectId(id) })
    expect(stored?.decisions).toEqual([
      { field: 'firstName', decision: 'took_hubspot', rule: 'hubspot_wins', at: now },
    ])
    expect((await claim()).map(write => write.properties)).toEqual([{ lastname: 'Only ours' }])
  })

  it('of an archived record stays here', async () => {
    const id = await linked()
    await inbound.archive({ partnerId, portalId, type: 'contacts', ids: ['7'] })
    await records.leads.patch(partnerId, id, { firstName: 'Here only' })
    expect([await claim(), (await leadOf(id)).sync.state]).toEqual([[], 'unlinked'])
  })
})

describe('a write that HubSpot answers late', () => {
  const link = async () => {
    const { id } = await records.leads.create(partnerId, { firstName: 'Ada' })
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: { firstname: 'Ada' },
      object: { id: '7', properties: {}, updatedAt: answeredAt },
    })
    await records.leads.patch(partnerId, id, { firstName: 'Grace' })
    return { id, write: (await claim())[0] }
  }
  const late = {
    id: '7',
    properties: { firstname: 'Grace' },
    updatedAt: '2026-06-01T12:00:06.000Z',
  }

  it('does not take the link back to a contact that was merged meanwhile', async () => {
    const { id, write } = await link()
    await inbound.merged({ partnerId, portalId, type: 'contacts', winnerId: '8', loserIds: ['7'] })
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: late,
    })
    expect(await leadOf(id)).toMatchObject({ hubspotId: '8', sync: { state: 'pending' } })
    expect((await claim()).map(({ action, properties }) => [action, properties])).toEqual([
      ['update', { firstname: 'Grace' }],
    ])
  })

  it('does not bring back a contact that was archived meanwhile', async () => {
    const { id, write } = await link()
    await inbound.archive({ partnerId, portalId, type: 'contacts', ids: ['7'] })
    await records.leads.markWritten(partnerId, new ObjectId(id), {
      portalId,
      sent: write?.properties ?? {},
      object: late,
    })
    expect(await leadOf(id)).toMatchObject({ hubspotId: '7', sync: { state: 'unlinked' } })
    expect(await claim()).toEqual([])
  })
})

describe('the leads of a deal', () => {
  it('are written as associations, once their contacts exist', async () => {
    await arrive('1', {})
    const {
      items: [known],
    } = await records.leads.list(partnerId, { limit: 1, sort: '-updatedAt' })
    await inbound.apply({
      partnerId,
      portalId,
      type: 'deals',
      records: [aDealObject('90', { dealname: 'D' }, ['1'])],
      runId: null,
    })
    const deal = (await records.deals.list(partnerId, { limit: 1 })).items[0]
    const fresh = await records.leads.create(partnerId, { firstName: 'Fresh' })
    await records.deals.patch(partnerId, deal?.id ?? '', { leadIds: [fresh.id] })
    const [write] = await claim('deals')
    expect(write).toMatchObject({
      action: 'update',
      properties: {},
      associations: { add: [], remove: ['1'] },
    })
    await records.deals.markWritten(partnerId, new ObjectId(deal?.id), {
      portalId,
      sent: {},
      object: { id: '90', properties: {}, updatedAt: answeredAt },
      associations: { added: [], removed: ['1'] },
    })
    expect(await claim('deals')).toEqual([])
    await records.leads.markWritten(partnerId, new ObjectId(fresh.id), {
      portalId,
      sent: { firstname: 'Fresh' },
      object: { id: '2', properties: {}, updatedAt: answeredAt },
    })
    const [second] = await claim('deals')
    expect(second?.associations).toEqual({ add: ['2'], remove: [] })
    await records.deals.markWritten(partnerId, new ObjectId(deal?.id), {
      portalId,
      sent: {},
      object: { id: '90', properties: {}, updatedAt: answeredAt },
      associations: { added: ['2'], removed: [] },
    })
    expect(await records.deals.get(partnerId, deal?.id ?? '')).toMatchObject({
      leadIds: [fresh.id],
      sync: { state: 'in_sync' },
    })
    expect(known).toBeDefined()
    // HubSpot takes it away again: so do we.
    await inbound.apply({
      partnerId,
      portalId,
      type: 'deals',
      records: [aDealObject('90', { dealname: 'D' }, [], '2026-06-03T00:00:00.000Z')],
      runId: null,
    })
    expect((await records.deals.get(partnerId, deal?.id ?? '')).leadIds).toEqual([])
  })
})
