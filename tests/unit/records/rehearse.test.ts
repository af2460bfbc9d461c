import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { DealDocument, LeadDocument } from '../../../server/database/documents'
import { newDeal, newLead } from '../../../server/records/blank'
import { remember, type NewEntry } from '../../../server/records/history'
import { kinds } from '../../../server/records/kinds'
import type { FieldRule } from '../../../server/records/merge-field'
import { createStageRules, noStages, type StageRules } from '../../../server/records/merge-stage'
import { rehearse, type RehearsedRules } from '../../../server/records/rehearse'
import { createRehearsalTally } from '../../../server/sync/insight/rehearsal-tally'

const partnerId = new ObjectId()
const now = new Date('2026-05-31T12:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
const since = daysAgo(30)
const anna = { id: new ObjectId(), email: 'anna@example.com' }

const rule = (over: Partial<FieldRule> = {}): FieldRule => ({
  field: 'company',
  property: 'company',
  direction: 'both',
  policy: 'hubspot_wins',
  kind: 'text',
  type: 'string',
  zone: 'UTC',
  ...over,
})
const side = (over: Partial<RehearsedRules> = {}): RehearsedRules => ({
  rules: [rule()],
  stages: noStages,
  isWritingBack: true,
  ...over,
})
const context = (before: RehearsedRules, after: RehearsedRules) => ({
  portalId: '1',
  now,
  since,
  before,
  after,
})
function aLead(
  company: string | null,
  remote: string | null,
  entries: NewEntry[] = [],
): LeadDocument {
  const lead = newLead(partnerId, { email: 'a@example.com', company }, daysAgo(100))
  return remember(
    {
      ...lead,
      hubspot_id: '7',
      portal_id: '1',
      base: { company: remote },
      remote: { company: remote },
    },
    entries,
  )
}
const received = (days: number, from: string | null, to: string | null): NewEntry => ({
  at: daysAgo(days),
  side: 'hubspot',
  kind: 'received',
  fields: [{ field: 'company', from, to }],
})
const edited = (days: number, from: string | null, to: string | null): NewEntry => ({
  at: daysAgo(days),
  side: 'ours',
  kind: 'edited',
  by: anna,
  fields: [{ field: 'company', from, to }],
})
const written = (days: number, from: string | null, to: string | null): NewEntry => ({
  at: daysAgo(days),
  side: 'ours',
  kind: 'written',
  fields: [{ field: 'company', from, to }],
})

describe('the next sync under other rules', () => {
  it('is not different where the rules are the same', () => {
    const lead = aLead('Edited', 'Old', [edited(2, 'Old', 'Edited')])
    expect(rehearse(kinds.lead, lead, context(side(), side()))).toEqual([])
  })

  it('writes what waits once write-back is on, and says who made it', () => {
    const lead = aLead('Edited', 'Old', [edited(2, 'Old', 'Edited')])
    const effects = rehearse(kinds.lead, lead, context(side({ isWritingBack: false }), side()))
    expect(effects).toContainEqual({
      effect: 'written',
      field: 'company',
      from: 'Old',
      to: 'Edited',
      byHand: { email: 'anna@example.com', at: daysAgo(2) },
    })
  })

  it('creates records that wait, and never those of another account or archived ones', () => {
    const off = side({ isWritingBack: false })
    const fresh = { ...newLead(partnerId, { email: 'n@example.com' }, now), dirty: true }
    const names = (lead: LeadDocument) =>
      rehearse(kinds.lead, lead, context(off, side())).map(one => one.effect)
    expect(names(fresh)).toEqual(['created'])
    const waiting = aLead('Edited', 'Old')
    expect(names(waiting)).toContain('written')
    expect(names({ ...waiting, portal_id: '2' })).toEqual([])
    expect(names({ ...waiting, archived_at: now })).toEqual([])
  })

  it('says that a property was not read yet, instead of guessing', () => {
    const lead = aLead('Here', 'Here')
    const after = side({ rules: [rule(), rule({ field: 'budget', property: 'budget' })] })
    expect(rehearse(kinds.lead, lead, context(side(), after))).toMatchObject([
      { effect: 'unread', field: 'budget' },
    ])
  })

  it('moves deals whose HubSpot stage would mean another one, and names who moved them by hand', () => {
    const stages = (stage: 'won' | 'qualified'): StageRules =>
      createStageRules([
        {
          pipeline_id: 'p',
          stage_id: 's',
          stage,
          write_back: true,
          label: null,
          paused: false,
        },
      ])
    const deal: DealDocument = remember(
      {
        ...newDeal(partnerId, { name: 'Big' }, daysAgo(50)),
        hubspot_id: '9',
        portal_id: '1',
        remote: { pipeline: 'p', dealstage: 's' },
        hubspot_pipeline_id: 'p',
        hubspot_stage_id: 's',
        stage: 'won',
        stage_base: 'won',
      },
      [
        {
          at: daysAgo(1),
          side: 'ours',
          kind: 'edited',
          by: anna,
          fields: [{ field: 'stage', from: 'new', to: 'won' }],
        },
      ],
    )
    const of = (after: StageRules) =>
      rehearse(
        kinds.deal,
        deal,
        context(side({ rules: [], stages: stages('won') }), side({ rules: [], stages: after })),
      )
    expect(of(stages('won'))).toEqual([])
    expect(of(stages('qualified'))).toMatchObject([
      {
        effect: 'changes_here',
        field: 'stage',
        from: 'won',
        to: 'qualified',
        byHand: anna.email ? { email: anna.email } : null,
      },
    ])
    expect(of(noStages)).toMatchObject([{ field: 'stage', from: 'won', to: null }])
  })
})

describe('the last thirty days under other rules', () => {
  it('an edit that HubSpot overwrote would have stayed', () => {
    const lead = aLead('HubSpot', 'HubSpot', [
      edited(9, 'Old', 'Anna’s'),
      received(8, 'Anna’s', 'HubSpot'),
    ])
    const after = side({ rules: [rule({ policy: 'local_wins' })] })
    expect(rehearse(kinds.lead, lead, context(side(), after))).toMatchObject([
      { effect: 'replayed_here', from: 'HubSpot', to: 'Anna’s', byHand: { email: anna.email } },
      { effect: 'replayed_there', from: 'HubSpot', to: 'Anna’s' },
    ])
  })

  it('an edit that was written in between is no conflict', () => {
    const lead = aLead('HubSpot', 'HubSpot', [
      edited(9, 'Old', 'Anna’s'),
      written(8, 'Old', 'Anna’s'),
      received(7, 'Anna’s', 'HubSpot'),
    ])
    const after = side({ rules: [rule({ policy: 'local_wins' })] })
    expect(rehearse(kinds.lead, lead, context(side(), after))).toEqual([])
  })

  it('edits would not have reached HubSpot from a field that only comes from there', () => {
    const lead = aLead('Anna’s', 'Anna’s', [
      edited(9, 'Old', 'Anna’s'),
      written(8, 'Old', 'Anna’s'),
    ])
    const after = side({ rules: [rule({ direction: 'in' })] })
    expect(rehearse(kinds.lead, lead, context(side(), after))).toMatchObject([
      { effect: 'replayed_there', field: 'company', from: 'Anna’s', to: 'Old' },
    ])
  })

  it('older changes do not count', () => {
    const lead = aLead('HubSpot', 'HubSpot', [
      edited(50, 'Old', 'Anna’s'),
      received(49, 'Anna’s', 'HubSpot'),
    ])
    const after = side({ rules: [rule({ policy: 'local_wins' })] })
    expect(rehearse(kinds.lead, lead, context(side(), after))).toEqual([])
  })
})

it('is told in sentences, with a few names and who changed it by hand', () => {
  const tally = createRehearsalTally({
    words: { fields: { stage: 'Stage' }, stages: { won: 'Won', new: 'New' } },
    own: {
      lead: [],
      deal: [{ key: 'size', label: 'Size', options: [{ value: 'l', label: 'Large' }] }],
    },
    zone: 'UTC',
    days: 30,
  })
  for (let index = 0; index < 41; index++)
    tally.add(kinds.deal, newDeal(partnerId, { name: `Deal ${index}` }, now), {
      effect: 'changes_here',
      field: 'stage',
      from: 'new',
      to: 'won',
      byHand: index < 3 ? { email: anna.email, at: daysAgo(6) } : null,
    })
  tally.add(kinds.deal, newDeal(partnerId, { name: 'One' }, now), {
    effect: 'written',
    field: 'size',
    from: null,
    to: 'l',
    byHand: null,
  })
  const [moved, size] = tally.result()
  expect(moved).toMatchObject({
    count: 41,
    message: '41 deals would move to another stage here.',
    byHand: 'Changed here by hand: 3 by anna@example.com, last on Monday 25 May.',
  })
  expect(moved?.records).toHaveLength(10)
  expect(moved?.records[0]).toMatchObject({ label: 'Deal 0', from: 'New', to: 'Won' })
  expect(size).toMatchObject({
    message: '1 deal would have Size written to HubSpot.',
    records: [{ label: 'One', from: null, to: 'Large' }],
  })
})
