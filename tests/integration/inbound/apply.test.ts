import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase, type Database } from '../../../server/database/client'
import { newLead } from '../../../server/records/blank'
import { createInbound, type Inbound, type InboundPage } from '../../../server/sync/inbound/apply'
import { testCipher } from '../../support/cipher'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { aContact, aDealObject, mappingOf } from './records'

let test: TestDatabase
let database: Database
let inbound: Inbound
let partnerId: ObjectId
let now = new Date('2026-06-01T12:00:00.000Z')
const portalId = '111'
const clock = () => now

beforeAll(async () => {
  test = await testDatabase()
  database = createDatabase(test)
  await database.prepare()
  const { collections } = database
  inbound = createInbound({
    collections,
    clock,
    audit: createAuditLog({ collections, clock }),
    cipher: testCipher(),
    mapping: mappingOf(collections, clock),
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

const apply = (
  type: InboundPage['type'],
  records: InboundPage['records'],
  more: Partial<InboundPage> = {},
) => inbound.apply({ partnerId, portalId, type, records, runId: null, ...more })
const leads = () =>
  database.collections.leads.find({ partner_id: partnerId }).sort({ _id: 1 }).toArray()
const deals = () =>
  database.collections.deals.find({ partner_id: partnerId }).sort({ _id: 1 }).toArray()

describe('a page of contacts', () => {
  it('becomes leads, and the same page again changes nothing', async () => {
    const page = Array.from({ length: 100 }, (_, i) =>
      aContact(String(1000 + i), {
        email: `P${i}@Example.com`,
        firstname: `First ${i}`,
        lifecyclestage: 'lead',
      }),
    )
    expect(await apply('contacts', page)).toEqual({
      seen: 100,
      created: 100,
      updated: 0,
      unchanged: 0,
      failed: 0,
    })
    const stored = await leads()
    expect(stored).toHaveLength(100)
    expect(stored[0]).toMatchObject({
      hubspot_id: '1000',
      portal_id: portalId,
      values: {
        email: 'p0@example.com',
        firstName: 'First 0',
        lastName: null,
        lifecycleStage: 'lead',
      },
      dirty: false,
      sync: { state: 'in_sync' },
    })
    now = new Date('2026-06-01T13:00:00.000Z')
    expect(await apply('contacts', page)).toEqual({
      seen: 100,
      created: 0,
      updated: 0,
      unchanged: 100,
      failed: 0,
    })
    expect(await leads()).toEqual(stored)
  })

  it('keeps an edit that was made after the answer to our create was lost', async () => {
    const lead = newLead(partnerId, { email: 'ada@example.com', firstName: 'Grace' }, now)
    await database.collections.leads.insertOne({
      ...lead,
      create_intent: {
        id: 'one',
        at: now,
        sent: { email: 'ada@example.com', firstname: 'Ada' },
        contacts: [],
      },
    })
    await apply('contacts', [
      aContact('7', { email: 'ada@example.com', firstname: 'Ada', jobtitle: 'Engineer' }),
    ])
    expect(await leads()).toMatchObject([
      {
        hubspot_id: '7',
        values: { firstName: 'Grace', jobTitle: 'Engineer' },
        dirty: true,
        create_intent: null,
      },
    ])
  })

  it('counts the same when it is applied again after a kill, and once when its records come twice in a run', async () => {
    const runId = new ObjectId()
    const page = [aContact('1', { firstname: 'A' }), aContact('2', { firstname: 'B' })]
    await apply('contacts', [aContact('2', { firstname: 'Old' }, '2026-01-01T00:00:00.000Z')])
    const first = await apply('contacts', page, { runId })
    expect(first).toEqual({ seen: 2, created: 1, updated: 1, unchanged: 0, failed: 0 })
    expect(await apply('contacts', page, { runId })).toEqual(first)
    expect(await apply('contacts', [aContact('3', {}), ...page], { runId })).toEqual({
      seen: 1,
      created: 1,
      updated: 0,
      unchanged: 0,
      failed: 0,
    })
    expect(await apply('contacts', page, { runId: new ObjectId() })).toEqual({
      seen: 2,
      created: 0,
      updated: 0,
      unchanged: 2,
      failed: 0,
    })
  })

  it('links an unlinked lead with the same e-mail address instead of making a second one', async () => {
    await database.collections.leads.insertOne(
      newLead(partnerId, { email: 'ada@example.com', company: 'Own Ltd' }, now),
    )
    expect(
      await apply('contacts', [aContact('7', { email: ' ADA@example.com', firstname: 'Ada' })]),
    ).toMatchObject({ created: 0, updated: 1 })
    const [lead, ...others] = await leads()
    expect(others).toEqual([])
    expect(lead).toMatchObject({
      hubspot_id: '7',
      local_email: null,
      values: { email: 'ada@example.com', firstName: 'Ada', company: 'Own Ltd' },
      dirty: true,
      sync: { state: 'pending' },
    })
  })

  it('ignores what is older than what is stored', async () => {
    await apply('contacts', [aContact('1', { firstname: 'New' }, '2026-03-02T00:00:00.000Z')])
    expect(
      await apply('contacts', [aContact('1', { firstname: 'Old' }, '2026-03-01T00:00:00.000Z')]),
    ).toMatchObject({ unchanged: 1 })
    expect((await leads())[0]?.values.firstName).toBe('New')
  })

  it('makes one lead of a contact that many deliver at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        apply('contacts', [aContact('1', { email: 'one@example.com' }), aContact('2', {})]),
      ),
    )
    expect(results.reduce((sum, result) => sum + result.created, 0)).toBe(2)
    expect(results.every(result => result.seen === 2 && result.failed === 0)).toBe(true)
    expect(await leads()).toHaveLength(2)
  })

  it('keeps contacts without an e-mail address apart', async () => {
    await database.collections.leads.insertOne(newLead(partnerId, { firstName: 'Nobody' }, now))
    expect(
      await apply('contacts', [
        aContact('1', { firstname: 'Nobody' }),
        aContact('2', { email: '' }),
      ]),
    ).toMatchObject({ created: 2 })
    expect(await leads()).toHaveLength(3)
  })

  it('stays with its partner and portal', async () => {
    const other = new ObjectId()
    await apply('contacts', [aContact('1', { firstname: 'Mine' })])
    await apply('contacts', [aContact('1', { firstname: 'Theirs' })], { partnerId: other })
    await apply('contacts', [aContact('1', { firstname: 'Other portal' })], { portalId: '222' })
    expect((await leads()).map(lead => [lead.portal_id, lead.values.firstName])).toEqual([
      ['111', 'Mine'],
      ['222', 'Other portal'],
    ])
  })
})

describe('a page of deals', () => {
  it('finds its leads whichever came first', async () => {
    await apply('contacts', [aContact('1', {})])
    expect(
      await apply('deals', [
        aDealObject(
          '90',
          { dealname: 'Big', amount: '1200.50', closedate: '2026-08-01T00:00:00Z' },
          ['1', '2'],
        ),
      ]),
    ).toMatchObject({ created: 1 })
    const [first] = await leads()
    expect((await deals())[0]).toMatchObject({
      lead_ids: [first?._id],
      hubspot_contact_ids: ['1', '2'],
      values: { name: 'Big', amount: '1200.50', closeDate: '2026-08-01' },
      stage: null,
      hubspot_stage_id: 'a',
    })
    await apply('contacts', [aContact('2', {})])
    expect((await deals())[0]?.lead_ids).toHaveLength(2)
  })

  it('follows associations that HubSpot adds and removes, and leaves unknown ones as they are', async () => {
    await apply('contacts', [aContact('1', {}), aContact('2', {})])
    const ids = (await leads()).map(lead => lead._id)
    await apply('deals', [aDealObject('90', {}, ['1'])])
    expect(await apply('deals', [aDealObject('90', {}, ['2'])])).toMatchObject({ updated: 1 })
    expect((await deals())[0]?.lead_ids).toEqual([ids[1]])
    expect(await apply('deals', [aDealObject('90', {})])).toMatchObject({ unchanged: 1 })
    expect((await deals())[0]?.lead_ids).toEqual([ids[1]])
  })
})
