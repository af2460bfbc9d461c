import { isTime, type SimulatorClock } from '../clock'
import { json, RefusedRequest } from '../http'

const refused = (message: string) => new RefusedRequest(json(400, { message }))

/** @throws {RefusedRequest} 400 for what is no instant */
export function timeOf(value: unknown): number {
  const at = typeof value === 'number' ? value : Date.parse(String(value))
  if (!isTime(at)) throw refused(`No time: ${String(value)}`)
  return at
}

/**
 * Turns the clock by so many milliseconds, or to an instant.
 * @throws {RefusedRequest} 400 for what is no number or no instant, or leads to none
 */
export function turnClock(clock: SimulatorClock, { by, to }: { by: unknown; to: unknown }): void {
  const ms = to === undefined ? Number(by) : timeOf(to) - clock.now()
  if (!isTime(clock.now() + ms)) throw refused(`Time cannot be turned by ${String(by)}`)
  clock.advance(ms)
}
