import { describe, expect, it } from 'vitest'
import { later, useLinkedRecords } from './linked-records'
import { aContact, aDealObject } from './records'

const bench = useLinkedRecords()
const { target, apply, leads, deals } = bench

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
    else await bench.inbound.merged({ ...target(), winnerId: '1', loserIds: ['2'] })
    if (!seen) await bench.inbound.merged({ ...target(), winnerId: '1', loserIds: ['2'] })
    expect((await leads()).map(lead => [lead._id, lead.hubspot_id])).toEqual([[one?._id, '1']])
    expect((await deals()).map(deal => [deal.lead_ids, deal.hubspot_contact_ids])).toEqual([
      [[one?._id], ['1']],
      [[one?._id], ['1']],
    ])
    expect(two).toBeDefined()
  })

  it('the link moves when the surviving record is new here', async () => {
    const [one] = await leads()
    await bench.inbound.merged({ ...target(), winnerId: '7', loserIds: ['1', '2'] })
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
    await bench.inbound.merged({ ...target(), type: 'deals', winnerId: '91', loserIds: ['90'] })
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
        await bench.inbound.applyPage({
          ...target(),
          records: [aContact('2', { email: 'two@example.com', lastname: 'Two' }), winner],
          runId: null,
          leave: 'not_live',
        })
      ).left,
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
    await bench.database.collections.leads.updateOne(
      { partner_id: bench.partnerId, hubspot_id: '2' },
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
    await bench.database.collections.deals.updateOne(
      { partner_id: bench.partnerId, hubspot_id: '90' },
      { $set: { 'values.amount': '25', stage: 'won', dirty: true } },
    )
    await bench.inbound.merged({ ...target(), type: 'deals', winnerId: '91', loserIds: ['90'] })
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
    await bench.database.collections.deals.updateOne(
      { partner_id: bench.partnerId, hubspot_id: '90' },
      { $set: { lead_ids: [two?._id ?? bench.partnerId], associations_dirty: true } },
    )
    await bench.database.collections.deals.updateOne(
      { partner_id: bench.partnerId, hubspot_id: '90' },
      { $set: { hubspot_contact_ids: [] } },
    )
    await bench.database.collections.deals.updateOne(
      { partner_id: bench.partnerId, hubspot_id: '91' },
      { $set: { lead_ids: [one?._id ?? bench.partnerId], hubspot_contact_ids: ['1'] } },
    )
    await bench.inbound.merged({ ...target(), type: 'deals', winnerId: '91', loserIds: ['90'] })
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
