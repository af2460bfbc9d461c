import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayOf, knownZone, noonOf } from '../../../server/records/days'
import { mergeFields, type FieldRule, type FieldsState } from '../../../server/records/merge-field'
import { fromHubspot, sameValue, toHubspot } from '../../../server/records/values'

const zone = fc.constantFrom(
  'UTC',
  'America/New_York',
  'US/Eastern',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Niue',
  'Pacific/Chatham',
  'America/Sao_Paulo',
  'America/Havana',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Europe/Berlin',
)
const day = fc
  .date({ min: new Date('1900-01-02'), max: new Date('2100-12-30'), noInvalidDate: true })
  .map(date => date.toISOString().slice(0, 10))
const instant = fc
  .date({ min: new Date('1900-01-02'), max: new Date('2100-12-30'), noInvalidDate: true })
  .map(date => date.toISOString())

/** The day of an instant by another way than the code's: Swedish dates are ISO dates. */
const localDay = (at: string, timeZone: string) =>
  new Date(at).toLocaleDateString('sv-SE', { timeZone })

const closeDate = (timeZone: string, more: Partial<FieldRule> = {}): FieldRule => ({
  field: 'closeDate',
  property: 'closedate',
  direction: 'both',
  policy: 'hubspot_wins',
  kind: 'day',
  type: 'datetime',
  zone: timeZone,
  ...more,
})
const stateOf = (local: string | null, base: string | null, more: Partial<FieldsState> = {}) => ({
  values: { closeDate: local },
  base: { closedate: base },
  baseDays: {},
  remote: { closedate: base },
  changedAt: {},
  remoteAt: {},
  modifiedAt: null,
  ...more,
})

describe('a day in a property with a time', () => {
  it.each([
    ['America/New_York', '2026-12-31', '2026-12-31T17:00:00.000Z'],
    ['America/New_York', '2026-07-01', '2026-07-01T16:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-01', '2026-01-01T06:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T22:00:00.000Z'],
    ['Pacific/Niue', '2026-01-01', '2026-01-01T23:00:00.000Z'],
    // Midnight does not exist on this day: clocks go from 23:59 to 01:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T14:00:00.000Z'],
  ])('is written as noon there: %s %s', (timeZone, value, text) => {
    expect(toHubspot(closeDate(timeZone), value)).toBe(text)
  })

  it.each([
    ['America/New_York', '2027-01-01T02:30:00Z', '2026-12-31'],
    ['America/New_York', '1798770600000', '2026-12-31'],
    ['Pacific/Kiritimati', '2026-12-31T10:00:00Z', '2027-01-01'],
    ['Asia/Kathmandu', '2026-12-31T18:15:00Z', '2027-01-01'],
    ['Asia/Kathmandu', '2026-12-31T18:14:59.999Z', '2026-12-31'],
  ])('is the day in the zone: %s %s', (timeZone, text, expected) => {
    expect(fromHubspot(closeDate(timeZone), text)).toBe(expected)
  })

  it('comes back as it went, in every zone and through changes of the clocks', () => {
    fc.assert(
      fc.property(zone, day, (timeZone, value) => {
        expect(dayOf(noonOf(value, timeZone), timeZone)).toBe(value)
      }),
    )
  })

  it('is what a calendar on the wall there says', () => {
    fc.assert(
      fc.property(zone, instant, (timeZone, at) => {
        expect(dayOf(at, timeZone)).toBe(localDay(at, timeZone))
      }),
    )
  })

  it('is midnight UTC in a property without a time, whatever the zone', () => {
    fc.assert(
      fc.property(zone, day, (timeZone, value) => {
        const rule = closeDate(timeZone, { type: 'date' })
        expect(toHubspot(rule, value)).toBe(value)
        expect(fromHubspot(rule, `${value}T00:00:00Z`)).toBe(value)
        expect(fromHubspot(rule, String(Date.parse(value)))).toBe(value)
      }),
    )
  })

  it('that a zone left out is written as the one beside it, and that is the same', () => {
    const rule = closeDate('Pacific/Apia')
    const text = toHubspot(rule, '2011-12-30')
    expect(fromHubspot(rule, text)).toBe('2011-12-29')
    expect(sameValue(rule, '2011-12-30', '2011-12-29')).toBe(true)
  })

  it('is read in UTC where HubSpot names no zone that Node knows', () => {
    expect([knownZone(null), knownZone('Mars/Olympus'), knownZone('US/Eastern')]).toEqual([
      'UTC',
      'UTC',
      'US/Eastern',
    ])
  })
})

describe('a day that nobody edited', () => {
  it('is never written, however it was read before and is read now', () => {
    fc.assert(
      fc.property(
        zone,
        zone,
        instant,
        instant,
        fc.constantFrom<FieldRule['direction']>('in', 'out', 'both'),
        fc.constantFrom('date', 'datetime'),
        (before, now, agreed, seen, direction, type) => {
          const local = localDay(agreed, before)
          const merged = mergeFields([closeDate(now, { direction, type, policy: 'local_wins' })], {
            ...stateOf(local, agreed, { remote: { closedate: seen } }),
            baseDays: { closedate: local },
          })
          expect(merged.writes).toEqual({})
        },
      ),
    )
  })

  it('of an earlier version, read in UTC, is mended and not written', () => {
    const old = stateOf('2027-01-01', '2027-01-01T02:30:00Z', { baseDays: undefined })
    const merged = mergeFields([closeDate('America/New_York')], old)
    expect(merged).toMatchObject({
      values: { closeDate: '2026-12-31' },
      baseDays: { closedate: '2026-12-31' },
      writes: {},
    })
  })

  it('follows when HubSpot moves it within the day, without a write', () => {
    const seen = { remote: { closedate: '2027-01-01T04:00:00Z' } }
    const state = { ...stateOf('2026-12-31', '2026-12-31T17:00:00Z'), ...seen }
    const merged = mergeFields([closeDate('America/New_York')], state)
    expect(merged).toMatchObject({
      values: { closeDate: '2026-12-31' },
      base: { closedate: '2027-01-01T04:00:00Z' },
      writes: {},
    })
  })
})

describe('a day that somebody edited', () => {
  it('stays that day when the zone changes, and is written as noon of the new one', () => {
    fc.assert(
      fc.property(zone, zone, instant, day, (before, now, agreed, edited) => {
        fc.pre(localDay(agreed, before) !== edited && localDay(agreed, now) !== edited)
        const merged = mergeFields([closeDate(now)], {
          ...stateOf(edited, agreed),
          baseDays: { closedate: localDay(agreed, before) },
        })
        expect(merged).toMatchObject({
          values: { closeDate: edited },
          writes: { closedate: noonOf(edited, now) },
        })
      }),
    )
  })

  it('on top of a value of an earlier version is written', () => {
    const old = stateOf('2027-03-01', '2027-01-01T02:30:00Z', { baseDays: undefined })
    expect(mergeFields([closeDate('America/New_York')], old).writes).toEqual({
      closedate: '2027-03-01T17:00:00.000Z',
    })
  })

  it('to the day on which its instant lies already is not written', () => {
    const state = stateOf('2026-12-31', '2027-01-01T02:30:00Z', { baseDays: undefined })
    expect(mergeFields([closeDate('America/New_York')], state).writes).toEqual({})
  })
})
