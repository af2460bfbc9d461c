import { describe, expect, test } from 'vitest'
import {
  factsOf,
  factsOfNew,
  isWhole,
  outsideOf,
  ruleAgainst,
  scopeProperties,
  type KindScope,
  type ScopeFacts,
  type ScopeRules,
} from '../../../server/records/scope'

const wholeKind: KindScope = {
  lifecycleStages: [],
  ownerIds: [],
  listIds: [],
  pipelineIds: [],
  createdAfter: null,
}
const facts: ScopeFacts = {
  lifecycleStage: 'customer',
  ownerId: '7',
  pipelineId: 'default',
  createdAt: new Date('2026-05-01T00:00:00Z'),
  listIds: ['1201'],
}
const scopes: Record<string, [Partial<KindScope>, Partial<KindScope>]> = {
  lifecycle_stage: [{ lifecycleStages: ['customer', 'lead'] }, { lifecycleStages: ['lead'] }],
  owner: [{ ownerIds: ['7'] }, { ownerIds: ['8'] }],
  list: [{ listIds: ['9', '1201'] }, { listIds: ['9'] }],
  pipeline: [{ pipelineIds: ['default'] }, { pipelineIds: ['renewals'] }],
  created_after: [
    { createdAfter: new Date('2026-05-01T00:00:00Z') },
    { createdAfter: new Date('2026-05-02T00:00:00Z') },
  ],
}
const rulesWith = (lead: Partial<KindScope>, isApplied = true): ScopeRules => ({
  lead: { ...wholeKind, ...lead },
  deal: wholeKind,
  names: {
    lifecycleStages: { customer: 'Customer' },
    owners: { '7': 'Ada Lovelace' },
    lists: { '9': 'Partners', '10': 'Events' },
    pipelines: { default: 'Sales Pipeline' },
  },
  isApplied,
})

describe('a scope', () => {
  test('that is empty leaves nothing out', () => {
    expect(isWhole(wholeKind)).toBe(true)
    expect(ruleAgainst(wholeKind, facts)).toBeNull()
  })

  test.each(Object.entries(scopes))('leaves out by %s', (rule, [takes, refuses]) => {
    expect(isWhole({ ...wholeKind, ...takes })).toBe(false)
    expect(ruleAgainst({ ...wholeKind, ...takes }, facts)).toBeNull()
    expect(ruleAgainst({ ...wholeKind, ...refuses }, facts)).toBe(rule)
    const nothing = { lifecycleStage: null, ownerId: null, pipelineId: null, createdAt: null }
    expect(ruleAgainst({ ...wholeKind, ...takes }, { ...nothing, listIds: [] })).toBe(rule)
  })

  test('asks for all of its rules', () => {
    const scope = { ...wholeKind, ownerIds: ['7'], lifecycleStages: ['customer'] }
    expect(ruleAgainst(scope, facts)).toBeNull()
    expect(ruleAgainst(scope, { ...facts, ownerId: '8' })).toBe('owner')
    expect(ruleAgainst(scope, { ...facts, lifecycleStage: 'lead' })).toBe('lifecycle_stage')
  })

  test('says its rule in words', () => {
    const said = (lead: Partial<KindScope>, isApplied = true) =>
      outsideOf(rulesWith(lead, isApplied), 'lead', facts)?.message
    expect(said({ listIds: ['9'] })).toBe("Left the list 'Partners'.")
    // Nobody knows yet whether it ever was on it.
    expect(said({ listIds: ['9'] }, false)).toBe("Is not on the list 'Partners'.")
    expect(said({ listIds: ['9', '10'] })).toBe("Left the lists 'Partners', 'Events'.")
    expect(said({ ownerIds: ['8'] })).toContain('Ada Lovelace')
    expect(said({ lifecycleStages: ['lead'] })).toContain("'Customer'")
    expect(said({ pipelineIds: ['x'] })).toContain("'Sales Pipeline'")
    expect(said({ createdAfter: new Date('2026-05-02') })).toContain('2026-05-02')
    expect(said({ ownerIds: ['7'] })).toBeUndefined()
  })

  test('reads what it asks for of an object, and prefers the creation date that people see', () => {
    const object = {
      id: '1',
      properties: {
        lifecyclestage: 'lead',
        hubspot_owner_id: '',
        pipeline: null,
        createdate: '2020-01-01T00:00:00Z',
      },
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:00:00Z',
      archived: false,
    }
    expect(factsOf(object, ['5'])).toEqual({
      lifecycleStage: 'lead',
      ownerId: null,
      pipelineId: null,
      createdAt: new Date('2020-01-01T00:00:00Z'),
      listIds: ['5'],
    })
    expect(scopeProperties('lead', { ...wholeKind, lifecycleStages: ['lead'] })).toEqual([
      'lifecyclestage',
    ])
    expect(scopeProperties('deal', { ...wholeKind, createdAfter: new Date() })).toEqual([
      'createdate',
    ])
  })

  test('takes a new record as HubSpot would have it after its create', () => {
    const now = new Date('2026-06-01T00:00:00Z')
    expect(factsOfNew({ lifecyclestage: 'lead', pipeline: 'default' }, now)).toEqual({
      lifecycleStage: 'lead',
      ownerId: null,
      pipelineId: 'default',
      createdAt: now,
      listIds: [],
    })
  })
})
