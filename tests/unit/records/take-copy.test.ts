import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { newDeal, newLead } from '../../../server/records/blank'
import { carryEdits, fillFrom } from '../../../server/records/carry-over'
import { kinds } from '../../../server/records/kinds'
import type { FieldRule } from '../../../server/records/merge-field'
import { joinedContacts, withCopy, withTimes } from '../../../server/records/take-copy'

const now = new Date('2026-06-01T12:00:00.000Z')
const partnerId = new ObjectId()
const rule = (field: string, property: string, direction: FieldRule['direction']): FieldRule => ({
  field,
  property,
  direction,
  policy: 'hubspot_wins',
  kind: 'text',
  type: 'string',
  zone: 'UTC',
})
const interests: FieldRule = { ...rule('interests', 'interests', 'both'), kind: 'options' }
const withInterests = (values: string) => ({
  ...newLead(partnerId, { firstName: 'Ada' }, now),
  values: { ...newLead(partnerId, { firstName: 'Ada' }, now).values, interests: values },
})
const lead = [rule('firstName', 'firstname', 'out'), rule('company', 'company', 'in')]
const rules = { lead, deal: [] }
const intent = { id: 'one', at: now, sent: { firstname: 'Ada' }, contacts: ['7'] }

describe('a record that takes over the copy its create came in as', () => {
  it('keeps what only goes to HubSpot, and what HubSpot has nothing for', () => {
    const waiting = {
      ...newLead(partnerId, { firstName: 'Ada', company: 'Ours' }, now),
      create_intent: intent,
    }
    const copy = {
      ...newLead(partnerId, {}, now),
      hubspot_id: '1',
      remote: { firstname: 'Ada', company: null },
      base: { company: null },
    }
    const origin = { sent: intent.sent, sentStage: null, sentLeads: [] }
    const next = withCopy(kinds.lead, waiting, copy, origin, { rules, now })
    expect(next.values).toMatchObject({ firstName: 'Ada', company: 'Ours' })
    expect(next.base).toMatchObject({ firstname: 'Ada' })
    // A kill before the copy is gone: it is taken over once more.
    const again = withCopy(kinds.lead, next, copy, origin, { rules, now })
    expect(again.values).toMatchObject({ firstName: 'Ada', company: 'Ours' })
    const at = '2026-06-01T12:00:01.000Z'
    expect(withTimes(next, { firstname: at }).remote_at).toEqual({ firstname: new Date(at) })
  })

  it('joins the choices that were made on either since its create', () => {
    const sent = { firstname: 'Ada', interests: 'red;grey' }
    const waiting = {
      ...withInterests('grey'),
      create_intent: { ...intent, sent },
      changed_at: { interests: now },
    }
    const copy = {
      ...withInterests('red;blue'),
      hubspot_id: '1',
      base: { interests: 'red;grey' },
      remote: { interests: 'red;grey' },
      changed_at: { interests: new Date(now.getTime() + 1000) },
    }
    const origin = { sent, sentStage: null, sentLeads: [] }
    const ofChoices = { lead: [interests], deal: [] }
    const next = withCopy(kinds.lead, waiting, copy, origin, { rules: ofChoices, now })
    expect(next.values).toMatchObject({ interests: 'blue' })
    expect(next.base).toMatchObject({ interests: 'red;grey' })
  })

  it('stays parted from a lead also when it is taken over once more after a kill', () => {
    const leadId = new ObjectId()
    const waiting = { ...newDeal(partnerId, { name: 'D' }, now), create_intent: intent }
    const copy = {
      ...newDeal(partnerId, { name: 'D' }, now),
      hubspot_id: '2',
      lead_ids: [leadId],
      hubspot_contact_ids: ['7'],
    }
    expect(joinedContacts(waiting, '2')).toEqual(['7'])
    const origin = { sent: {}, sentStage: null, sentLeads: [leadId] }
    const next = withCopy(kinds.deal, waiting, copy, origin, { rules, now })
    expect([next.lead_ids, next.associations_dirty]).toEqual([[], true])
    const unsent = { ...next, create_intent: { ...intent, contacts: [], object_id: '2' } }
    expect(joinedContacts(unsent, '2')).toEqual(['7'])
    const again = withCopy(kinds.deal, unsent, copy, origin, { rules, now })
    expect([again.lead_ids, again.associations_dirty]).toEqual([[], true])
  })
})

describe('a record that takes in another one', () => {
  it('joins the choices that were made on either', () => {
    const ofChoices = { lead: [interests], deal: [] }
    const keeper = { ...withInterests('red;blue'), base: { interests: 'red' } }
    const other = { ...withInterests('green'), base: { interests: 'grey;red' } }
    const next = carryEdits(kinds.lead, keeper, [other], ofChoices, now)
    expect(next?.values).toMatchObject({ interests: 'blue;green' })
    expect(next?.base).toMatchObject({ interests: 'red' })
  })

  it('fills what it lacks with values as old as they are, so that a later one of HubSpot still wins', () => {
    const editedAt = new Date(now.getTime() - 60_000)
    const keeper = newLead(partnerId, { firstName: 'Ada' }, now)
    const other = {
      ...newLead(partnerId, { firstName: 'Grace', company: 'Ours' }, now),
      changed_at: { firstName: editedAt, company: editedAt },
    }
    const filling = fillFrom(kinds.lead, keeper, other, now)
    expect(filling?.values).toMatchObject({ firstName: 'Ada', company: 'Ours' })
    expect(filling?.changedAt).toEqual({ company: editedAt })
  })

  it('takes over an edit of a field that only goes out, which stays to be written also when it is edited back', () => {
    const keeper = {
      ...newLead(partnerId, { firstName: 'Grace' }, now),
      hubspot_id: '4',
      base: { firstname: 'Grace' },
    }
    const other = {
      ...newLead(partnerId, { firstName: 'Ada' }, now),
      hubspot_id: '1',
      base: { firstname: 'Augusta' },
      changed_at: { firstName: now },
    }
    const next = carryEdits(kinds.lead, keeper, [other], rules, now)
    expect(next).toMatchObject({ values: { firstName: 'Ada' }, base: { firstname: 'Grace' } })
  })
})
