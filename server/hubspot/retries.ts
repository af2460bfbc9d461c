import type { HubspotError } from './errors'
import { lockedWaitMs, pauseAfterSecondlyMs, pauseAfterTenSecondlyMs } from './limits'

/** One call is tried again after so many 429s. */
const max429Retries = 5
/**
 * HubSpot may ask for a longer wait (a migration takes up to a day): then the caller is told at
 * once, ms
 */
const maxRetryAfterMs = 30_000

/** @returns for how long no call leaves for the account that answered 429, ms */
export function pauseAfter429(
  { retryAfterMs, policyName }: Pick<HubspotError, 'retryAfterMs' | 'policyName'>,
  random: () => number,
): number {
  const pauseMs =
    retryAfterMs ?? (policyName === 'SECONDLY' ? pauseAfterSecondlyMs : pauseAfterTenSecondlyMs)
  return pauseMs + random() * 250
}

/** Whether a call is tried again after this many 429s: a day's budget comes back too late. */
export function mayFollow429({ policyName }: Pick<HubspotError, 'policyName'>, count: number) {
  return count <= max429Retries && policyName !== 'DAILY'
}

/**
 * @param delayMs the wait at this try, as the caller set it
 * @returns how long to wait before the call is made again, ms; `null`: not again, or too late
 */
export function waitBeforeRepeat(
  { kind, retryAfterMs, status }: Pick<HubspotError, 'kind' | 'retryAfterMs' | 'status'>,
  delayMs: number,
  random: () => number,
): number | null {
  const askedMs = retryAfterMs ?? 0
  if (kind !== 'transient' || askedMs > maxRetryAfterMs) return null
  const backoffMs = delayMs * (0.5 + random())
  return Math.max(backoffMs, askedMs, status === 423 ? lockedWaitMs : 0)
}
