import { dayOf, noonOf } from '../records/days'

const hourMs = 60 * 60 * 1000
/** No zone changes its clocks between this hour and noon. */
const dailyHour = 7
/** Half a day at a time leaves no day out, however long it is. */
const steps = [0, 12, 24, 36, 48]

/**
 * When the next daily e-mail leaves.
 * @param zone IANA name that Node knows (`knownZone`)
 * @returns the next 7:00 of that zone
 */
export function nextDaily(now: Date, zone: string): Date {
  for (const hours of steps) {
    const day = dayOf(new Date(now.getTime() + hours * hourMs).toISOString(), zone)
    if (day === undefined) continue
    const morning = Date.parse(noonOf(day, zone)) - (12 - dailyHour) * hourMs
    if (morning > now.getTime()) return new Date(morning)
  }
  return new Date(now.getTime() + 24 * hourMs)
}
