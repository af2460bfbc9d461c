import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conflictPolicies, fieldDirections } from '#shared/leads/fields'
import { sameValue, type ValueRule } from '../../../server/records/values'
import {
  mergeField,
  mergeFields,
  type FieldRule,
  type FieldState,
  type FieldsState,
} from '../../../server/records/merge-field'

const text = { kind: 'text', type: 'string', zone: 'UTC' } satisfies ValueRule
const kinds = ['text', 'email', 'phone', 'choice', 'currency', 'option', 'options'] as const
const value = fc.option(fc.constantFrom('a', 'b', 'c', 'A', ' b '), { nil: null })
const time = fc.option(fc.date({ min: new Date(0), max: new Date(10), noInvalidDate: true }), {
  nil: null,
})
const direction = fc.constantFrom(...fieldDirections)
const policy = fc.constantFrom(...conflictPolicies)
/** `fill_if_empty` leaves two different values standing. */
const converging = fc.constantFrom(...conflictPolicies.filter(one => one !== 'fill_if_empty'))
const field: fc.Arbitrary<FieldState> = fc.record({
  base: fc.option(value, { nil: undefined }),
  local: value,
  remote: value,
  localChangedAt: time,
  remoteChangedAt: time,
})

describe('one field (P11)', () => {
  it('merging the result again changes nothing more', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), direction, policy, field, (kind, way, wins, state) => {
        const first = mergeField({ ...text, kind, direction: way, policy: wins }, state)
        const second = mergeField(
          { ...text, kind, direction: way, policy: wins },
          {
            ...state,
            local: first.local,
            base: first.agreed ? state.remote : state.base,
          },
        )
        expect([second.local, second.write]).toEqual([first.local, first.write])
      }),
    )
  })

  it('both sides hold the same once what is to be written has been written', () => {
    fc.assert(
      fc.property(converging, field, (wins, state) => {
        const merged = mergeField({ ...text, direction: 'both', policy: wins }, state)
        const remote = merged.write ? merged.local : (state.remote ?? null)
        expect(sameValue(text, merged.local, remote)).toBe(true)
        const settled = mergeField(
          { ...text, direction: 'both', policy: wins },
          {
            ...state,
            local: merged.local,
            base: remote,
            remote,
          },
        )
        expect([settled.decision, settled.write]).toEqual(['equal', false])
      }),
    )
  })

  it('never writes back what came from HubSpot', () => {
    fc.assert(
      fc.property(direction, policy, value, value, time, (way, wins, before, remote, at) => {
        const arrived = mergeField(
          { ...text, direction: way, policy: wins },
          {
            base: before,
            local: before,
            remote,
            localChangedAt: at,
            remoteChangedAt: at,
          },
        )
        expect(arrived.write).toBe(false)
      }),
    )
  })

  it("never changes our value from outside on an outbound field, nor HubSpot's on an inbound one", () => {
    fc.assert(
      fc.property(policy, field, (wins, state) => {
        expect(mergeField({ ...text, direction: 'out', policy: wins }, state).local).toBe(
          state.local,
        )
        expect(mergeField({ ...text, direction: 'in', policy: wins }, state).write).toBe(false)
      }),
    )
  })

  it('does not clear a value that only one side has when both meet for the first time', () => {
    const first = { base: undefined, localChangedAt: null, remoteChangedAt: null }
    for (const wins of conflictPolicies) {
      expect(
        mergeField(
          { ...text, direction: 'both', policy: wins },
          { ...first, local: 'ours', remote: null },
        ),
      ).toMatchObject({ local: 'ours', write: true })
      expect(
        mergeField(
          { ...text, direction: 'both', policy: wins },
          { ...first, local: null, remote: 'theirs' },
        ),
      ).toMatchObject({ local: 'theirs', write: false })
    }
  })

  it.each([
    ['hubspot_wins', 1, 2, 'theirs'],
    ['hubspot_wins', 2, 1, 'theirs'],
    ['local_wins', 1, 2, 'ours'],
    ['latest_wins', 1, 2, 'theirs'],
    ['latest_wins', 2, 1, 'ours'],
    ['latest_wins', 1, 1, 'theirs'],
  ] as const)("%s with local change at %i and HubSpot's at %i", (wins, local, remote, expected) => {
    const merged = mergeField(
      { ...text, direction: 'both', policy: wins },
      {
        base: 'old',
        local: 'ours',
        remote: 'theirs',
        localChangedAt: new Date(local),
        remoteChangedAt: new Date(remote),
      },
    )
    expect(merged).toMatchObject({
      local: expected,
      write: expected === 'ours',
      conflict: true,
      rule: wins,
    })
  })
})

describe('a record', () => {
  const rule = fc
    .record({ direction, policy })
    .map(({ direction: way, policy: wins }): FieldRule => ({
      field: 'firstName',
      property: 'firstname',
      direction: way,
      policy: wins,
      ...text,
    }))

  /**
   * Plays one side's history: HubSpot's versions arrive in any order, some twice; older ones are
   * ignored as inbound does.
   */
  function deliver(
    rules: FieldRule[],
    start: FieldsState,
    deliveries: { at: number; text: string | null }[],
  ): FieldsState {
    let state = start
    for (const { at, text } of deliveries) {
      if (state.modifiedAt && new Date(at) < state.modifiedAt) continue
      const next: FieldsState = { ...state, remote: { firstname: text }, modifiedAt: new Date(at) }
      const merged = mergeFields(rules, next)
      state = { ...next, values: merged.values, base: merged.base }
    }
    return state
  }

  it("ends the same in whatever order HubSpot's versions arrive", () => {
    fc.assert(
      fc.property(
        rule,
        fc.uniqueArray(
          fc.string({ minLength: 1 }).filter(text => text.trim() !== ''),
          { minLength: 3, maxLength: 6, selector: text => text.trim() },
        ),
        fc.nat(10),
        fc.func(fc.nat()),
        (one, texts, editedAt, order) => {
          const [base = '', edited = '', ...versions] = texts
          const start: FieldsState = {
            values: { firstName: edited },
            base: { firstname: base },
            baseDays: {},
            remote: { firstname: base },
            changedAt: { firstName: new Date(editedAt * 10) },
            remoteAt: {},
            modifiedAt: new Date(0),
          }
          const history = versions.map((text, index) => ({ at: index * 20 + 1, text }))
          const shuffled = [...history, ...history]
            .map((item, index) => ({ item, key: order(index) }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item)
          expect(deliver([one], start, shuffled)).toEqual(deliver([one], start, history))
        },
      ),
    )
  })

  it('ends the same in whatever order changes of different fields arrive', () => {
    const rules: FieldRule[] = ['firstName', 'lastName', 'company'].map(name => ({
      field: name,
      property: name.toLowerCase(),
      direction: 'both',
      policy: 'hubspot_wins',
      ...text,
    }))
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        fc.array(value, { minLength: 3, maxLength: 3 }),
        fc.array(value, { minLength: 3, maxLength: 3 }),
        (order, local, remote) => {
          const start: FieldsState = {
            values: {
              firstName: local[0] ?? null,
              lastName: local[1] ?? null,
              company: local[2] ?? null,
            },
            base: { firstname: 'x', lastname: 'x', company: 'x' },
            baseDays: {},
            remote: { firstname: 'x', lastname: 'x', company: 'x' },
            changedAt: {},
            remoteAt: {},
            modifiedAt: null,
          }
          const play = (sequence: number[]) =>
            sequence.reduce((state, index) => {
              const property = rules[index]?.property ?? ''
              const next = {
                ...state,
                remote: { ...state.remote, [property]: remote[index] ?? null },
              }
              const merged = mergeFields(rules, next)
              return { ...next, values: merged.values, base: merged.base }
            }, start)
          expect(play(order)).toEqual(play([0, 1, 2]))
        },
      ),
    )
  })

  it("leaves fields without a rule and properties called like Object's own alone", () => {
    const rules: FieldRule[] = [
      {
        field: 'firstName',
        property: 'constructor',
        direction: 'both',
        policy: 'hubspot_wins',
        ...text,
      },
    ]
    const state: FieldsState = {
      values: { firstName: 'Ada', lastName: 'L' },
      base: {},
      baseDays: {},
      remote: {},
      changedAt: {},
      remoteAt: {},
      modifiedAt: null,
    }
    expect(mergeFields(rules, state)).toMatchObject({
      values: { firstName: 'Ada', lastName: 'L' },
      writes: {},
      reports: [{ rule: 'not_read_yet' }],
    })
  })

  it("keeps our value where HubSpot's cannot be read", () => {
    const rules: FieldRule[] = [
      {
        field: 'amount',
        property: 'amount',
        direction: 'both',
        policy: 'hubspot_wins',
        kind: 'amount',
        type: 'number',
        zone: 'UTC',
      },
    ]
    const merged = mergeFields(rules, {
      values: { amount: '5' },
      base: { amount: '5' },
      baseDays: {},
      remote: { amount: 'many' },
      changedAt: {},
      remoteAt: {},
      modifiedAt: null,
    })
    expect(merged).toMatchObject({
      values: { amount: '5' },
      writes: {},
      reports: [{ decision: 'refused', rule: 'unreadable_value' }],
    })
  })
})
