import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAuditLog } from '../../../server/database/audit'
import { createDatabase, type Database } from '../../../server/database/client'
import { createInbound, type Inbound, type InboundPage } from '../../../server/sync/inbound/apply'
import { newLead } from '../../../server/records/blank'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { aContact, aDealObject, mappingOf } from './records'

let test: TestDatabase
let database: Database
let inbound: Inbound
let partnerId: ObjectId
const portalId = '111'
const clock = () => new Date('2026-06-01T12:00:00.000Z')
const later = '2026-06-02T00:00:00.000Z'

beforeAll(async () => {
  test = await testDatabase()
  database = createDatabase(test)
  await database.prepare()
  const { collections } = database
  inbound = createInbound({
    collections,
    clock,
    audit: createAuditLog({ collections, clock }),
    mapping: mappingOf(collections, clock),
  })
})
afterAll(async () => {
  await database.close()
  await test.drop()
})
beforeEach(async () => {
  partnerId = new ObjectId()
  await apply('contacts', [
    aContact('1', { email: 'one@example.com', firstname: 'One' }),
    aContact('2', { email: 'two@example.com', lastname: 'Two' }),
  ])
  await apply('deals', [
    aDealObject('90', { dealname: 'First' }, ['1', '2']),
    aDealObject('91', { dealname: 'Second' }, ['2']),
  ])
})

const apply = (type: InboundPage['type'], records: InboundPage['records']) =>
  inbound.apply({ partnerId, portalId, type, records, runId: null })
const leads = () =>
  database.collections.leads.find({ partner_id: partnerId }).sort({ _id: 1 }).toArray()
const deals = () =>
  database.collections.deals.find({ partner_id: partnerId }).sort({ hubspot_id: 1 }).toArray()
const target = () => ({ partnerId, portalId, type: 'contacts' as const })

describe('archived in HubSpot', () => {
  it('keeps our lead, unlinked, until HubSpot restores it', async () => {
    expect(await inbound.archive({ ...target(), ids: ['1', '404'] })).toBe(1)
    expect(await inbound.archive({ ...target(), ids: ['1'] })).toBe(0)
    expect((await leads())[0]).toMatchObject({
      hubspot_id: '1',
      dirty: false,
      sync: { state: 'unlinked' },
      values: { firstName: 'One' },
    })
    await apply('contacts', [aContact('1', { email: 'one@example.com', firstname: 'One' })])
    expect((await leads())[0]).toMatchObject({ archived_at: null, sync: { state: 'in_sync' } })
  })

  it('is not undone by a search that still lists it, but by a list or a read', async () => {
    await inbound.archive({ ...target(), ids: ['1'] })
    const found = [
      aContact('1', { email: 'one@example.com', firstname: 'Uno' }, later),
      aContact('2', { email: 'two@example.com', lastname: 'Zwei' }, later),
      aContact('3', { email: 'new@example.com' }, later),
    ]
    const none = { created: 0, unchanged: 0, failed: 0 }
    // Only what is linked and alive here is taken from a search; the rest has to be read.
    expect(await inbound.applyFound({ ...target(), records: found, runId: null })).toEqual({
      counts: { ...none, seen: 1, updated: 1 },
      unlinked: ['1', '3'],
    })
    expect(
      (await leads()).map(lead => [
        lead.hubspot_id,
        lead.archived_at === null,
        lead.values.lastName,
      ]),
    ).toEqual([
      ['1', false, null],
      ['2', true, 'Zwei'],
    ])
    expect(await apply('contacts', found)).toMatchObject({ created: 1, updated: 1, unchanged: 1 })
    expect((await leads())[0]).toMatchObject({
      archived_at: null,
      values: { firstName: 'Uno' },
      sync: { state: 'in_sync' },
    })
    await apply('contacts', [{ ...aContact('1', {}, later), archived: true }])
    expect((await leads())[0]?.sync.state).toBe('unlinked')
  })
})

describe('merged in HubSpot', () => {
  it.each([
    ['by its webhook', false],
    ['seen on the surviving record', true],
  ])('two leads become one with the deals of both, %s', async (_, seen) => {
    const [one, two] = await leads()
    if (seen)
      await apply('contacts', [
        aContact(
          '1',
          {
            email: 'one@example.com',
            firstname: 'One',
            lastname: 'Two',
            hs_merged_object_ids: '2',
          },
          later,
        ),
      ])
    else await inbound.merged({ ...target(), winnerId: '1', loserIds: ['2'] })
    if (!seen) await inbound.merged({ ...target(), winnerId: '1', loserIds: ['2'] })
    expect((await leads()).map(lead => [lead._id, lead.hubspot_id])).toEqual([[one?._id, '1']])
    expect((await deals()).map(deal => [deal.lead_ids, deal.hubspot_contact_ids])).toEqual([
      [[one?._id], ['1']],
      [[one?._id], ['1']],
    ])
    expect(two).toBeDefined()
  })

  it('the link moves when the surviving record is new here', async () => {
    const [one] = await leads()
    await inbound.merged({ ...target(), winnerId: '7', loserIds: ['1', '2'] })
    expect((await leads()).map(lead => [lead._id, lead.hubspot_id])).toEqual([[one?._id, '7']])
    expect(
      await apply('contacts', [
        aContact(
          '7',
          { email: 'one@example.com', firstname: 'Merged' },
          '2026-01-15T00:00:00.000Z',
        ),
      ]),
    ).toMatchObject({ created: 0, updated: 1 })
    expect((await leads())[0]?.values.firstName).toBe('Merged')
  })

  it('deals become one as well', async () => {
    await inbound.merged({ ...target(), type: 'deals', winnerId: '91', loserIds: ['90'] })
    const [deal, ...others] = await deals()
    expect(others).toEqual([])
    expect([deal?.hubspot_id, deal?.lead_ids.length]).toEqual(['91', 2])
  })

  it('a search that still lists the loser beside the winner does not bring it back', async () => {
    const winner = aContact(
      '1',
      { email: 'one@example.com', firstname: 'One', hs_merged_object_ids: '2' },
      later,
    )
    expect(
      (
        await inbound.applyFound({
          ...target(),
          records: [aContact('2', { email: 'two@example.com', lastname: 'Two' }), winner],
          runId: null,
        })
      ).unlinked,
    ).toEqual(['2'])
    expect((await leads()).map(lead => lead.hubspot_id)).toEqual(['1'])
  })

  it.each([
    ['goes on to HubSpot where nobody there says otherwise', 'Old Ltd', 'Edited here', true],
    ['meets the policy where somebody does', 'Theirs', 'Theirs', false],
  ])('an edit of the record that goes %s', async (_, theirs, expected, dirty) => {
    await apply('contacts', [
      aContact('2', { email: 'two@example.com', company: 'Old Ltd' }, later),
    ])
    await database.collections.leads.updateOne(
      { partner_id: partnerId, hubspot_id: '2' },
      { $set: { 'values.company': 'Edited here', dirty: true } },
    )
    await apply('contacts', [
      aContact(
        '1',
        { email: 'one@example.com', company: theirs, hs_merged_object_ids: '2' },
        later,
      ),
    ])
    const [lead, ...others] = await leads()
    expect([lead?.values.company, lead?.dirty, others]).toEqual([expected, dirty, []])
    expect(lead?.decisions.map(({ field, decision }) => [field, decision])).toEqual(
      dirty ? [] : [['company', 'took_hubspot']],
    )
  })

  it('an edit of the deal that goes is written to the one that stays', async () => {
    await apply('deals', [
      aDealObject('90', { dealname: 'First', amount: '10' }, ['1'], later),
      aDealObject('91', { dealname: 'Second', amount: '10' }, ['2'], later),
    ])
    await database.collections.deals.updateOne(
      { partner_id: partnerId, hubspot_id: '90' },
      { $set: { 'values.amount': '25', stage: 'won', dirty: true } },
    )
    await inbound.merged({ ...target(), type: 'deals', winnerId: '91', loserIds: ['90'] })
    expect(
      (await deals()).map(({ hubspot_id, values, stage, dirty, base }) => [
        hubspot_id,
        values.name,
        values.amount,
        stage,
        dirty,
        base?.amount,
      ]),
    ).toEqual([['91', 'Second', '25', 'won', true, '10']])
  })

  it('a tie made here on the deal that went is still to be written on the one that stays', async () => {
    const [one, two] = await leads()
    await database.collections.deals.updateOne(
      { partner_id: partnerId, hubspot_id: '90' },
      { $set: { lead_ids: [two?._id ?? partnerId], associations_dirty: true } },
    )
    await database.collections.deals.updateOne(
      { partner_id: partnerId, hubspot_id: '90' },
      { $set: { hubspot_contact_ids: [] } },
    )
    await database.collections.deals.updateOne(
      { partner_id: partnerId, hubspot_id: '91' },
      { $set: { lead_ids: [one?._id ?? partnerId], hubspot_contact_ids: ['1'] } },
    )
    await inbound.merged({ ...target(), type: 'deals', winnerId: '91', loserIds: ['90'] })
    await apply('deals', [
      aDealObject('91', { dealname: 'Second', hs_merged_object_ids: '90' }, ['1'], later),
    ])
    const [deal] = await deals()
    expect([deal?.lead_ids.map(String).sort(), deal?.dirty, deal?.associations_dirty]).toEqual([
      [one?._id, two?._id].map(String).sort(),
      true,
      true,
    ])
  })
})

describe('a deal and its leads', () => {
  it('agree with HubSpot again when a tie stands here that neither side wants', async () => {
    const [, two] = await leads()
    await database.collections.deals.updateOne(
      { partner_id: partnerId, hubspot_id: '90' },
      { $set: { hubspot_contact_ids: ['1'] } },
    )
    await apply('deals', [aDealObject('90', { dealname: 'First' }, ['1'])])
    expect((await deals())[0]?.lead_ids.map(String)).not.toContain(String(two?._id))
  })

  it.each(['restored', 'merged'])(
    'a tie to a lead without a contact is written once the contact is %s',
    async how => {
      const [, two] = await leads()
      await inbound.archive({ ...target(), ids: ['2'] })
      await database.collections.deals.updateMany(
        { partner_id: partnerId },
        {
          $set: {
            hubspot_contact_ids: [],
            lead_ids: [two?._id ?? partnerId],
            associations_dirty: true,
            dirty: false,
          },
        },
      )
      if (how === 'restored')
        await apply('contacts', [
          aContact('2', { email: 'two@example.com', lastname: 'Two' }, later),
        ])
      else
        await apply('contacts', [
          aContact('7', { email: 'seven@example.com', hs_merged_object_ids: '2' }, later),
        ])
      expect((await deals()).map(deal => deal.dirty)).toEqual([true, true])
    },
  )
})

describe('erased for privacy', () => {
  it('leaves nothing of the person and does not come back with any later page', async () => {
    const other = new ObjectId()
    await inbound.apply({
      partnerId: other,
      portalId,
      type: 'contacts',
      records: [aContact('1', { email: 'one@example.com' })],
      runId: null,
    })
    await database.collections.leads.insertOne({
      ...newLead(partnerId, { email: 'one@example.com' }, clock()),
      portal_id: 'earlier',
      hubspot_id: '55',
      local_email: null,
    })
    await inbound.erase({ partnerId, portalId, contactIds: ['1'] })
    await inbound.erase({ partnerId, portalId, contactIds: ['1'] })
    expect((await leads()).map(lead => lead.hubspot_id)).toEqual(['2'])
    expect((await deals()).map(deal => [deal.lead_ids.length, deal.hubspot_contact_ids])).toEqual([
      [1, ['2']],
      [1, ['2']],
    ])
    expect(
      await apply('contacts', [
        aContact('1', { email: 'one@example.com' }, later),
        aContact('3', {}),
      ]),
    ).toEqual({ seen: 2, created: 1, updated: 0, unchanged: 1, failed: 0 })
    expect((await leads()).map(lead => lead.hubspot_id)).toEqual(['2', '3'])
    const [tombstone] = await database.collections.erasedContacts
      .find({ partner_id: partnerId })
      .toArray()
    expect(JSON.stringify(tombstone)).not.toContain('one@example')
    expect(
      await database.collections.auditLog.findOne({
        partner_id: partnerId,
        action: 'contact_erased',
        'details.records': { $gt: 0 },
      }),
    ).toMatchObject({ details: { portalId, contacts: 1, records: 2 } })
    expect(await database.collections.leads.countDocuments({ partner_id: other })).toBe(1)
  })

  it('holds also when the contact was never here', async () => {
    await inbound.erase({ partnerId, portalId, contactIds: ['404'] })
    expect(await apply('contacts', [aContact('404', { email: 'late@example.com' })])).toMatchObject(
      { created: 0, unchanged: 1 },
    )
  })
})
