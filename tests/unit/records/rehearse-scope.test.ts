import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type {
  DealDocument,
  HistoryEntryDocument,
  LeadDocument,
} from '../../../server/database/documents'
import { newDeal, newLead } from '../../../server/records/blank'
import { kinds } from '../../../server/records/kinds'
import type { FieldRule } from '../../../server/records/merge-field'
import { createStageRules, noStages } from '../../../server/records/merge-stage'
import { rehearseScope, type ScopeRehearsalContext } from '../../../server/records/rehearse-scope'
import type { KindScope, ScopeRules } from '../../../server/records/scope'

const partnerId = new ObjectId()
const now = new Date('2026-05-31T12:00:00.000Z')
const company: FieldRule = {
  field: 'company',
  property: 'company',
  direction: 'both',
  policy: 'hubspot_wins',
  kind: 'text',
  type: 'string',
  zone: 'UTC',
}
const whole: KindScope = {
  lifecycleStages: [],
  ownerIds: [],
  listIds: [],
  pipelineIds: [],
  createdAfter: null,
}
function scope(lead: Partial<KindScope> = {}, deal: Partial<KindScope> = {}): ScopeRules {
  return {
    lead: { ...whole, ...lead },
    deal: { ...whole, ...deal },
    names: { lifecycleStages: {}, owners: {}, lists: {}, pipelines: {} },
    isApplied: true,
  }
}
const context = (change: Partial<ScopeRehearsalContext>): ScopeRehearsalContext => ({
  portalId: '1',
  now,
  since: new Date('2026-05-01T12:00:00.000Z'),
  rules: [company],
  stages: noStages,
  firstStage: null,
  before: null,
  after: null,
  members: new Set(),
  ...change,
})
function aLead(
  remote: Record<string, string | null>,
  change: Partial<LeadDocument> = {},
): LeadDocument {
  return {
    ...newLead(partnerId, { email: 'a@example.com', company: 'Old' }, now),
    hubspot_id: '7',
    portal_id: '1',
    base: { company: 'Old' },
    remote: { company: 'Old', hubspot_owner_id: '3', ...remote },
    dirty: false,
    ...change,
  }
}
function outside(
  rule: 'list' | 'owner' | 'lifecycle_stage',
  change: Partial<LeadDocument> = {},
): LeadDocument {
  const lead = aLead({}, change)
  return {
    ...lead,
    sync: { ...lead.sync, state: 'out_of_scope', scope: { rule, message: 'Out.', since: now } },
  }
}
const lead = (record: LeadDocument, change: Partial<ScopeRehearsalContext>) =>
  rehearseScope(kinds.lead, record, context(change))

/** Nothing of it changed lately */
const quiet = { isRecent: false, byHand: null }

describe('the last thirty days of a record', () => {
  const after = scope({ ownerIds: ['4'] })
  const change = (day: string, by: string | null): HistoryEntryDocument => ({
    _id: new ObjectId(),
    at: new Date(`2026-${day}T09:00:00.000Z`),
    side: by === null ? 'hubspot' : 'ours',
    kind: by === null ? 'received' : 'edited',
    by: by === null ? null : { user_id: new ObjectId(), email: by },
    fields: [{ field: 'company', from: 'Old', to: 'New', rule: null }],
  })
  const played = (...history: HistoryEntryDocument[]) => lead({ ...aLead({}), history }, { after })

  it('say whether it changed, on either side, and who changed it here last', () => {
    expect(played(change('04-30', 'anna@partner.test'))).toMatchObject(quiet)
    expect(played({ ...change('05-02', null), kind: 'created' })).toMatchObject(quiet)
    expect(played(change('05-02', null))).toMatchObject({ isRecent: true, byHand: null })
    expect(
      played(
        change('05-04', 'anna@partner.test'),
        change('05-11', 'ben@partner.test'),
        change('05-12', null),
      ),
    ).toMatchObject({
      isRecent: true,
      byHand: { email: 'ben@partner.test', at: new Date('2026-05-11T09:00:00.000Z') },
    })
  })
})

describe('a record that is inside', () => {
  it.each([
    ['of an owner who is not chosen', { ownerIds: ['4'] }, 'owner'],
    ['on none of the lists', { listIds: ['9'] }, 'list'],
    ['in another lifecycle stage', { lifecycleStages: ['customer'] }, 'lifecycle_stage'],
    ['that is older', { createdAfter: new Date('2026-01-01') }, 'created_after'],
  ] as const)('%s leaves, and says by which rule', (_, rules, rule) => {
    const record = aLead({ lifecyclestage: 'lead', createdate: '2025-06-01T00:00:00Z' })
    expect(lead(record, { after: scope(rules) })).toEqual({
      effect: 'leaves',
      rule,
      isWaiting: false,
      ...quiet,
    })
    expect(lead({ ...record, dirty: true }, { after: scope(rules) })?.isWaiting).toBe(true)
  })

  it('stays where the scope has its place, or leaves nothing out', () => {
    const record = aLead({ lifecyclestage: 'customer' })
    expect(
      lead(record, { after: scope({ ownerIds: ['3'], listIds: ['9'] }), members: new Set(['7']) }),
    ).toBeNull()
    expect(lead(record, {})).toBeNull()
    expect(lead(record, { after: scope({}, { pipelineIds: ['other'] }) })).toBeNull()
  })

  it('stays where a rule gets wider, though what HubSpot has is not stored', () => {
    const before = scope({ listIds: ['9'] })
    const after = scope({ listIds: ['9', '10'] })
    expect(lead(aLead({}), { before, after, members: null })).toBeNull()
    // A scope that has not reached every record says nothing about this one.
    const applying = { ...before, isApplied: false }
    expect(lead(aLead({}), { before: applying, after, members: null })?.effect).toBe('unknown')
  })

  it('cannot be told about where what is asked for is not stored', () => {
    const unknown = { effect: 'unknown', rule: null, isWaiting: false, ...quiet }
    expect(lead(aLead({}), { after: scope({ lifecycleStages: ['lead'] }) })).toEqual(unknown)
    expect(lead(aLead({}), { after: scope({ createdAfter: now }) })).toEqual(unknown)
    expect(lead(aLead({}), { after: scope({ listIds: ['9'] }), members: null })).toEqual(unknown)
    // One rule that is broken for certain is enough.
    expect(
      lead(aLead({}), { after: scope({ listIds: ['9'], ownerIds: ['4'] }), members: null }),
    ).toMatchObject({ effect: 'leaves', rule: 'owner' })
  })
})

describe('a record that is outside', () => {
  const before = scope({ listIds: ['9'] })

  it('comes in where its rule is gone, and says when it was edited here', () => {
    expect(lead(outside('list'), { before })).toEqual({
      effect: 'enters',
      rule: null,
      isWaiting: false,
      ...quiet,
    })
    const { values } = aLead({})
    const edited = outside('list', { values: { ...values, company: 'Edited' } })
    expect(lead(edited, { before })?.isWaiting).toBe(true)
  })

  it('stays outside where its rule is the same, or narrower', () => {
    expect(lead(outside('list'), { before, after: before, members: null })).toBeNull()
    const wide = scope({ ownerIds: ['4', '5'] })
    expect(lead(outside('owner'), { before: wide, after: scope({ ownerIds: ['4'] }) })).toBeNull()
  })

  it('comes in with a list that it is on', () => {
    const after = scope({ listIds: ['10'] })
    expect(lead(outside('list'), { before, after, members: new Set(['7']) })?.effect).toBe('enters')
    expect(lead(outside('list'), { before, after, members: new Set() })).toBeNull()
  })

  it('cannot be told about where its values are from before it went out', () => {
    const after = scope({ ownerIds: ['3'] })
    expect(lead(outside('list'), { before, after })?.effect).toBe('unknown')
  })
})

describe('a record that HubSpot does not have', () => {
  it('would not be created where its create would be outside', () => {
    const fresh = aLead({}, { hubspot_id: null, portal_id: null, remote: null, dirty: true })
    expect(lead(fresh, { after: scope({ listIds: ['9'] }) })).toEqual({
      effect: 'leaves',
      rule: 'list',
      isWaiting: true,
      ...quiet,
    })
    expect(lead(fresh, { after: scope({ createdAfter: now }) })).toBeNull()
  })
})

describe('a deal', () => {
  const deal: DealDocument = {
    ...newDeal(partnerId, { name: 'One' }, now),
    hubspot_id: '8',
    portal_id: '1',
    hubspot_pipeline_id: 'default',
    dirty: false,
  }
  const stages = createStageRules([])

  it('leaves with its pipeline, and one of another account is not touched', () => {
    const after = scope({}, { pipelineIds: ['other'] })
    expect(rehearseScope(kinds.deal, deal, context({ after, stages }))).toMatchObject({
      effect: 'leaves',
      rule: 'pipeline',
    })
    const elsewhere = { ...deal, portal_id: '2' }
    expect(rehearseScope(kinds.deal, elsewhere, context({ after, stages }))).toBeNull()
    const gone = { ...deal, archived_at: now }
    expect(rehearseScope(kinds.deal, gone, context({ after, stages }))).toBeNull()
  })
})
