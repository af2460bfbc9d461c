import { describe, expect, test } from 'vitest'
import { nextDaily } from '../../../server/alerts/daily'

const next = (now: string, zone: string) => nextDaily(new Date(now), zone).toISOString()

describe('the daily e-mail leaves at 7:00 of the account', () => {
  test.each([
    ['UTC', '2026-11-28T06:59:59.000Z', '2026-11-28T07:00:00.000Z'],
    ['UTC', '2026-11-28T07:00:00.000Z', '2026-11-29T07:00:00.000Z'],
    ['Europe/Berlin', '2026-11-28T05:00:00.000Z', '2026-11-28T06:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01T05:00:00.000Z', '2026-07-02T05:00:00.000Z'],
    ['America/New_York', '2026-11-28T02:00:00.000Z', '2026-11-28T12:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-28T20:00:00.000Z', '2026-11-29T01:30:00.000Z'],
    ['Pacific/Auckland', '2026-11-28T20:00:00.000Z', '2026-11-29T18:00:00.000Z'],
  ])('%s, from %s: %s', (zone, now, expected) => {
    expect(next(now, zone)).toBe(expected)
  })

  test('on the days when clocks change, and never skips one', () => {
    expect(next('2026-03-28T22:45:00.000Z', 'Europe/Berlin')).toBe('2026-03-29T05:00:00.000Z')
    expect(next('2026-10-24T22:15:00.000Z', 'Europe/Berlin')).toBe('2026-10-25T06:00:00.000Z')
    const mornings = new Set<string>()
    for (let hour = 0; hour < 24 * 365; hour++)
      mornings.add(
        nextDaily(new Date(Date.UTC(2026, 0, 1, hour, 30)), 'America/New_York').toISOString(),
      )
    expect(mornings.size).toBe(366)
  })
})
