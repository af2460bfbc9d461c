import { createAuditLog } from '../../../server/database/audit'
import { erasureKeyPlace } from '../../../server/database/encryption'
import { createErasure } from '../../../server/sync/inbound/privacy-deletion'
import { testCipher } from '../../support/cipher'
import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { newLead } from '../../../server/records/blank'
import { clock, later, portalId, useLinkedRecords } from './linked-records'
import { aContact, aDealObject } from './records'

const bench = useLinkedRecords()
const { account, target, apply, leads, deals } = bench

describe('archived in HubSpot', () => {
  it('keeps our lead, unlinked, until HubSpot restores it', async () => {
    expect(await bench.inbound.archive({ ...target(), ids: ['1', '404'] })).toBe(1)
    expect(await bench.inbound.archive({ ...target(), ids: ['1'] })).toBe(0)
    expect((await leads())[0]).toMatchObject({
      hubspot_id: '1',
      dirty: false,
      sync: { state: 'unlinked' },
      values: { firstName: 'One' },
    })
    await apply('contacts', [aContact('1', { email: 'one@example.com', firstname: 'One' })])
    expect((await leads())[0]).toMatchObject({ archived_at: null, sync: { state: 'in_sync' } })
  })

  it('is not undone by a search or a list that still names it, but by a read', async () => {
    await bench.inbound.archive({ ...target(), ids: ['1'] })
    const found = [
      aContact('1', { email: 'one@example.com', firstname: 'Uno' }, later),
      aContact('2', { email: 'two@example.com', lastname: 'Zwei' }, later),
      aContact('3', { email: 'new@example.com' }, later),
    ]
    const none = { created: 0, unchanged: 0, failed: 0 }
    // Only what is linked and alive here is taken from a search; the rest has to be read.
    const page = { ...target(), records: found, runId: null }
    expect(await bench.inbound.applyPage({ ...page, leave: 'not_live' })).toEqual({
      counts: { ...none, seen: 1, updated: 1 },
      left: ['1', '3'],
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
    // A list brings what is new here, but what is archived here may have been so only since.
    expect(await bench.inbound.applyPage({ ...page, leave: 'archived' })).toEqual({
      counts: { ...none, seen: 2, created: 1, updated: 0, unchanged: 1 },
      left: ['1'],
    })
    expect(await apply('contacts', found)).toMatchObject({ created: 0, updated: 1, unchanged: 2 })
    expect((await leads())[0]).toMatchObject({
      archived_at: null,
      values: { firstName: 'Uno' },
      sync: { state: 'in_sync' },
    })
    await apply('contacts', [{ ...aContact('1', {}, later), archived: true }])
    expect((await leads())[0]?.sync.state).toBe('unlinked')
  })
})

describe('a deal and its leads', () => {
  it('agree with HubSpot again when a tie stands here that neither side wants', async () => {
    const [, two] = await leads()
    await bench.database.collections.deals.updateOne(
      { partner_id: bench.partnerId, hubspot_id: '90' },
      { $set: { hubspot_contact_ids: ['1'] } },
    )
    await apply('deals', [aDealObject('90', { dealname: 'First' }, ['1'])])
    expect((await deals())[0]?.lead_ids.map(String)).not.toContain(String(two?._id))
  })

  it.each(['restored', 'merged'])(
    'a tie to a lead without a contact is written once the contact is %s',
    async how => {
      const [, two] = await leads()
      await bench.inbound.archive({ ...target(), ids: ['2'] })
      await bench.database.collections.deals.updateMany(
        { partner_id: bench.partnerId },
        {
          $set: {
            hubspot_contact_ids: [],
            lead_ids: [two?._id ?? bench.partnerId],
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
    await bench.inbound.apply({
      partnerId: other,
      portalId,
      type: 'contacts',
      records: [aContact('1', { email: 'one@example.com' })],
      runId: null,
    })
    await bench.database.collections.leads.insertOne({
      ...newLead(bench.partnerId, { email: 'one@example.com' }, clock()),
      portal_id: 'earlier',
      hubspot_id: '55',
      local_email: null,
    })
    await bench.inbound.erase({ ...account(), contactIds: ['1'] })
    await bench.inbound.erase({ ...account(), contactIds: ['1'] })
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
    const [tombstone] = await bench.database.collections.erasedContacts
      .find({ partner_id: bench.partnerId })
      .toArray()
    expect(JSON.stringify(tombstone)).not.toContain('one@example')
    expect(
      await bench.database.collections.auditLog.findOne({
        partner_id: bench.partnerId,
        action: 'contact_erased',
        'details.records': { $gt: 0 },
      }),
    ).toMatchObject({ details: { portalId, contacts: 1, records: 2 } })
    expect(await bench.database.collections.leads.countDocuments({ partner_id: other })).toBe(1)
  })

  it('is lifted by the operator, for that contact and partner alone, and its key is sealed', async () => {
    const { collections } = bench.database
    const erasure = createErasure({
      collections,
      clock,
      audit: createAuditLog({ collections, clock }),
      cipher: testCipher(),
    })
    await bench.inbound.erase({ ...account(), contactIds: ['71', '72'] })
    expect(await erasure.lift({ partnerId: new ObjectId(), portalId, contactId: '71' })).toBe(false)
    expect(await erasure.lift({ ...account(), contactId: '71' })).toBe(true)
    expect(await erasure.lift({ ...account(), contactId: '71' })).toBe(false)
    expect(await apply('contacts', [aContact('71', {}), aContact('72', {})])).toMatchObject({
      created: 1,
      unchanged: 1,
    })
    expect(await collections.auditLog.findOne({ action: 'contact_erasure_lifted' })).toMatchObject({
      partner_id: bench.partnerId,
      target: '71',
    })
    const stored = await collections.meta.findOne({ _id: 'erasure_key' })
    expect(Object.keys(stored ?? {})).toEqual(['_id', 'envelope'])
    // What an earlier version stored in clear is sealed, and stays the same key.
    const { plain } = { plain: testCipher().open(String(stored?.envelope), erasureKeyPlace) }
    await collections.meta.replaceOne({ _id: 'erasure_key' }, { key: plain })
    const later = createErasure({
      collections,
      clock,
      audit: createAuditLog({ collections, clock }),
      cipher: testCipher(),
    })
    expect([...(await later.among(bench.partnerId, portalId, ['71', '72']))]).toEqual(['72'])
    expect(JSON.stringify(await collections.meta.findOne({ _id: 'erasure_key' }))).not.toContain(
      plain,
    )
  })

  it('holds also when the contact was never here', async () => {
    await bench.inbound.erase({ ...account(), contactIds: ['404'] })
    expect(await apply('contacts', [aContact('404', { email: 'late@example.com' })])).toMatchObject(
      { created: 0, unchanged: 1 },
    )
  })
})
