import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CalendarDay, Money } from '#shared/contracts/primitives'
import {
  canonicalDecimal,
  fromHubspot,
  sameValue,
  toHubspot,
  type ValueRule,
} from '../../../server/records/values'

const kinds = [
  'text',
  'email',
  'phone',
  'choice',
  'currency',
  'amount',
  'day',
  'instant',
  'boolean',
  'option',
  'options',
] as const
const ruleOf = (kind: ValueRule['kind'], type = 'string', zone = 'UTC'): ValueRule => ({
  kind,
  type,
  zone,
})
const day = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map(date => date.toISOString().slice(0, 10))
const amount = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
    fc.stringMatching(/^\d{0,6}$/),
  )
  .map(([whole, fraction]) => (fraction === '' ? `${whole}` : `${whole}.${fraction}`))

describe("HubSpot's text", () => {
  it.each([
    ['day', '2026-01-31', '2026-01-31'],
    ['day', '1769817600000', '2026-01-31'],
    ['day', '2026-01-31T00:00:00Z', '2026-01-31'],
    ['day', '2026-01-31T15:20:00.123Z', '2026-01-31'],
    ['day', '2026-01-31T23:30:00-05:00', '2026-02-01'],
    ['day', '2026-02-30', undefined],
    ['day', 'soon', undefined],
    ['day', '99999999999999999', undefined],
    ['amount', '1200.50', '1200.50'],
    ['amount', '1200', '1200'],
    ['amount', '1.2E3', '1200'],
    ['amount', '.5', '0.5'],
    ['amount', '-0', '0'],
    ['amount', '007.10', '7.1'],
    ['amount', '0.1234567', '0.123457'],
    ['amount', '-1.9999999', '-2'],
    ['amount', '9999999999999999', undefined],
    ['amount', 'NaN', undefined],
    ['amount', '1,200', undefined],
    ['email', ' Ada@Example.COM ', 'ada@example.com'],
    ['currency', 'eur', 'EUR'],
    ['text', '  Ada  ', 'Ada'],
    ['text', '', null],
    ['text', '   ', null],
    ['text', 'a\u0000b', 'ab'],
    ['text', '\ud800', '\ufffd'],
    ['choice', 'salesqualifiedlead', 'salesqualifiedlead'],
    ['phone', '+1 (555) 010-9999', '+1 (555) 010-9999'],
    ['instant', '1769817600000', '2026-01-31T00:00:00.000Z'],
    ['instant', '2026-01-31T12:30:00+02:00', '2026-01-31T10:30:00.000Z'],
    ['instant', 'soon', undefined],
    ['boolean', 'True', 'true'],
    ['boolean', 'yes', undefined],
    ['option', 'A', 'A'],
    ['options', ';b; a;b', 'b;a'],
    ['options', ';', null],
  ] as const)('as %s: %j is %j', (kind, text, expected) => {
    expect(fromHubspot(ruleOf(kind), text)).toBe(expected)
  })

  it('of any kind never throws, and what it gives fits the contract', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.oneof(fc.string({ unit: 'binary' }), amount, day, fc.double().map(String)),
        (kind, text) => {
          const value = fromHubspot(ruleOf(kind), text)
          if (typeof value !== 'string') return
          expect(value).not.toBe('')
          if (kind === 'amount') expect(Money.safeParse(value).success).toBe(true)
          if (kind === 'day') expect(CalendarDay.safeParse(value).success).toBe(true)
        },
      ),
    )
  })

  it('read again from what we would write is the same value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.string({ unit: 'binary' }), (kind, text) => {
        const value = fromHubspot(ruleOf(kind), text)
        if (value !== undefined)
          expect(fromHubspot(ruleOf(kind), toHubspot(ruleOf(kind), value))).toBe(value)
      }),
    )
  })
})

describe('our values', () => {
  it('come back as they went: amounts', () => {
    fc.assert(
      fc.property(amount, value => {
        const back = fromHubspot(ruleOf('amount'), toHubspot(ruleOf('amount'), value))
        expect(back).not.toBeUndefined()
        expect(sameValue(ruleOf('amount'), value, back ?? null)).toBe(true)
      }),
    )
  })

  it.each(['date', 'datetime'])('come back as they went: days in a %s property', type => {
    fc.assert(
      fc.property(day, value => {
        const rule = ruleOf('day', type)
        expect(fromHubspot(rule, toHubspot(rule, value))).toBe(value)
      }),
    )
  })

  it('clear a property with the empty text', () => {
    for (const kind of kinds) expect(toHubspot(ruleOf(kind), null)).toBe('')
  })
})

describe('sameness', () => {
  it.each([
    ['amount', '1200', '1200.00', true],
    ['amount', '1200', '1200.01', false],
    ['amount', '0', '-0.00', true],
    ['email', 'A@b.c', 'a@B.C', true],
    ['phone', '+1 555 0100', '+1-555-0100', true],
    ['phone', '555 0100', '555 0101', false],
    ['phone', '555 ext 1', '5551', false],
    ['text', 'Ada', 'ada', false],
    ['text', '', null, true],
    ['day', '2026-01-01', '2026-01-02', false],
  ] as const)('of %s: %j and %j', (kind, one, other, expected) => {
    expect(sameValue(ruleOf(kind), one, other)).toBe(expected)
    expect(sameValue(ruleOf(kind), other, one)).toBe(expected)
  })

  it('of decimals is that of numbers', () => {
    fc.assert(
      fc.property(amount, fc.nat(3), fc.nat(3), (value, before, after) => {
        const padded =
          value.replace(/^(-?)/, `$1${'0'.repeat(before)}`) +
          (value.includes('.') ? '0'.repeat(after) : '')
        expect(canonicalDecimal(padded)).toBe(canonicalDecimal(value))
      }),
    )
  })
})
