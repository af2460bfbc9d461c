import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownFieldTypes, fieldDirections, type OwnFieldType } from '#shared/leads/fields'
import { ownFieldKinds } from '../../../server/records/fields'
import {
  mergeField,
  mergeFields,
  type FieldRule,
  type FieldsState,
} from '../../../server/records/merge-field'
import { fromHubspot, sameValue, splitOptions } from '../../../server/records/values'

/** HubSpot's texts of each type of own field, in the forms in which it hands them out. */
const texts: Record<OwnFieldType, fc.Arbitrary<string>> = {
  text: fc.constantFrom('north', 'South', ' west '),
  number: fc.constantFrom('1', '1.0', '2.50', '1e3', '-7'),
  date: fc.constantFrom('2026-01-31', '1769817600000', '2026-02-01'),
  datetime: fc.constantFrom('2026-01-31T10:00:00Z', '1769853600000', '2026-01-31T10:00:01.000Z'),
  boolean: fc.constantFrom('true', 'false', 'TRUE'),
  choice: fc.constantFrom('a', 'A', 'b'),
  choices: fc.constantFrom('a', 'a;b', ';b;a', 'c', 'b;c;'),
}
const propertyTypes: Record<OwnFieldType, string> = {
  text: 'string',
  number: 'number',
  date: 'date',
  datetime: 'datetime',
  boolean: 'bool',
  choice: 'enumeration',
  choices: 'enumeration',
}
const when = fc.date({ min: new Date(0), max: new Date(10), noInvalidDate: true })

const cases = fc.constantFrom(...ownFieldTypes).chain(type =>
  fc.record({
    rule: fc.record({
      field: fc.constant('own_one'),
      property: fc.constant('own_one'),
      direction: fc.constantFrom(...fieldDirections),
      policy: fc.constantFrom('hubspot_wins', 'local_wins', 'latest_wins', 'fill_if_empty'),
      kind: fc.constant(ownFieldKinds[type]),
      type: fc.constant(propertyTypes[type]),
      zone: fc.constantFrom('UTC', 'America/New_York', 'Pacific/Kiritimati'),
    }),
    base: fc.option(fc.option(texts[type], { nil: null }), { nil: undefined }),
    local: fc.option(texts[type], { nil: null }),
    remote: fc.option(texts[type], { nil: null }),
    localAt: when,
    remoteAt: when,
  }),
)
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never

const stateOf = ({ rule, base, local, remote, localAt, remoteAt }: Case): FieldsState => ({
  values: { own_one: fromHubspot(rule, local) ?? null },
  base: base === undefined ? {} : { own_one: base },
  baseDays: {},
  remote: { own_one: remote },
  changedAt: { own_one: localAt },
  remoteAt: { own_one: remoteAt },
  modifiedAt: remoteAt,
})

describe('own fields of every type', () => {
  it('merged again, change nothing more (P11)', () => {
    fc.assert(
      fc.property(cases, given => {
        const state = stateOf(given)
        const once = mergeFields([given.rule], state)
        const again = mergeFields([given.rule], { ...state, values: once.values, base: once.base })
        expect([again.values, again.base, again.writes]).toEqual([
          once.values,
          once.base,
          once.writes,
        ])
      }),
    )
  })

  it('agree on both sides once what is to be written stands in HubSpot', () => {
    fc.assert(
      fc.property(cases, given => {
        const { policy, direction } = given.rule
        fc.pre(policy !== 'fill_if_empty' && direction === 'both')
        const state = stateOf(given)
        const merged = mergeFields([given.rule], state)
        const remote = merged.writes.own_one ?? state.remote.own_one ?? null
        expect(
          sameValue(
            given.rule,
            merged.values.own_one ?? null,
            fromHubspot(given.rule, remote) ?? null,
          ),
        ).toBe(true)
        const settled = mergeFields([given.rule], {
          ...state,
          values: merged.values,
          base: { own_one: remote },
          remote: { own_one: remote },
        })
        expect([settled.values, settled.writes]).toEqual([merged.values, {}])
      }),
    )
  })

  it('send nothing back of what only HubSpot changed', () => {
    fc.assert(
      fc.property(cases, given => {
        const state = stateOf(given)
        const agreed = fromHubspot(given.rule, state.base.own_one ?? null) ?? null
        const { writes } = mergeFields([given.rule], { ...state, values: { own_one: agreed } })
        expect(writes).toEqual({})
      }),
    )
  })

  it('that are only filled in overwrite nothing, on either side', () => {
    fc.assert(
      fc.property(cases, given => {
        const rule: FieldRule = { ...given.rule, policy: 'fill_if_empty' }
        const state = stateOf(given)
        const { values, writes } = mergeFields([rule], state)
        if (state.values.own_one !== null) expect(values.own_one).toBe(state.values.own_one)
        if ((state.remote.own_one ?? null) !== null) expect(writes).toEqual({})
      }),
    )
  })
})

describe('several choices', () => {
  const choices: FieldRule = {
    field: 'own_one',
    property: 'own_one',
    direction: 'both',
    policy: 'local_wins',
    kind: 'options',
    type: 'enumeration',
    zone: 'UTC',
  }
  const set = fc
    .subarray(['a', 'b', 'c', 'd'])
    .map(all => (all.length === 0 ? null : all.join(';')))

  it('merge as a set: what either side added or removed counts', () => {
    fc.assert(
      fc.property(set, set, set, (base, local, remote) => {
        const merged = mergeField(choices, {
          base,
          local,
          remote,
          localChangedAt: null,
          remoteChangedAt: null,
        })
        const [before, ours, theirs, now] = [base, local, remote, merged.local].map(
          text => new Set(splitOptions(text)),
        )
        for (const option of ['a', 'b', 'c', 'd']) {
          const wasThere = before?.has(option) ?? false
          const isChanged = ours?.has(option) !== wasThere || theirs?.has(option) !== wasThere
          expect([option, now?.has(option)]).toEqual([option, isChanged ? !wasThere : wasThere])
        }
      }),
    )
  })

  it('that HubSpot removes while an addition waits to be written stay removed', () => {
    const state = {
      values: { own_one: 'a;mine' },
      base: { own_one: 'a' },
      baseDays: {},
      remote: { own_one: 'a;theirs' },
      changedAt: {},
      remoteAt: {},
      modifiedAt: null,
    }
    const first = mergeFields([choices], state)
    expect(first.values.own_one?.split(';').sort()).toEqual(['a', 'mine', 'theirs'])
    const second = mergeFields([choices], { ...state, ...first, remote: { own_one: 'a' } })
    expect(second.values.own_one?.split(';').sort()).toEqual(['a', 'mine'])
    expect(second.writes.own_one?.split(';').sort()).toEqual(['a', 'mine'])
  })
})
