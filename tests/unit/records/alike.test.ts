import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { isKeptAlike, looksAlike } from '../../../server/records/alike'
import { newDeal, newLead } from '../../../server/records/blank'

const now = new Date('2026-01-01T00:00:00Z')
const lead = newLead(new ObjectId(), { email: 'ada@example.com', firstName: 'Ada' }, now)
const deal = newDeal(new ObjectId(), { name: 'Mill' }, now)

describe('whether a record has changed', () => {
  it('sees no change where keys, associations and instants are the same in another order or copy', () => {
    const { email, ...others } = lead.values
    const copy = {
      ...lead,
      values: { ...others, email },
      remote_at: { phone: new Date(now) },
      hubspot_modified_at: new Date(now),
    }
    const known = { ...lead, remote_at: { phone: now }, hubspot_modified_at: now }
    expect(looksAlike(known, copy)).toBe(true)
    expect(isKeptAlike(known, copy)).toBe(true)
    const ids = [new ObjectId(), new ObjectId()]
    const tied = { ...deal, lead_ids: ids, hubspot_contact_ids: ['1', '2'] }
    const turned = { ...deal, lead_ids: ids.toReversed(), hubspot_contact_ids: ['2', '1'] }
    expect(looksAlike(tied, turned)).toBe(true)
    expect(isKeptAlike(tied, turned)).toBe(true)
  })

  it('takes what a document of an earlier version lacks for no value', () => {
    const early = { ...lead }
    delete early.hubspot_seen_at
    expect(isKeptAlike(early, { ...lead, hubspot_seen_at: null })).toBe(true)
    expect(looksAlike(lead, { ...lead, sync: { ...lead.sync, scope: null } })).toBe(true)
  })

  it.each([
    ['a value', { ...deal, values: { ...deal.values, amount: '1' } }],
    ['an archive', { ...deal, archived_at: now }],
    ['a stage', { ...deal, stage: 'won' as const }],
    ["HubSpot's stage", { ...deal, hubspot_stage_id: '7' }],
    ['a lead', { ...deal, lead_ids: [new ObjectId()] }],
    [
      'the scope',
      {
        ...deal,
        sync: { ...deal.sync, scope: { rule: 'owner' as const, message: 'x', since: now } },
      },
    ],
  ])('sees that %s is another', (_, next) => {
    expect(looksAlike(deal, next)).toBe(false)
  })

  it.each([
    ['a property that has no value, and was never read before', { ...deal, remote: { x: null } }],
    ['what both sides agreed on', { ...deal, base: { amount: '1' } }],
    ["an instant of HubSpot's", { ...deal, hubspot_modified_at: now }],
    ['a decision', { ...deal, decisions: [{ field: 'a', decision: 'kept', rule: 'b', at: now }] }],
    ['the state', { ...deal, sync: { ...deal.sync, attempts: 1 } }],
    ['the words it is found by', { ...deal, search: ['mill', 'pond'] }],
    ['a contact', { ...deal, hubspot_contact_ids: ['1'] }],
    ['an association that waits', { ...deal, associations_dirty: true }],
  ] as [string, typeof deal][])('sees that %s is to be stored', (_, next) => {
    expect(looksAlike(deal, next)).toBe(true)
    expect(isKeptAlike(deal, next)).toBe(false)
  })
})
