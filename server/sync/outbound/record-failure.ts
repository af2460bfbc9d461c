import type { Failure } from '#shared/contracts/primitives'
import { existingIdOf, toRecordFailure } from '../../hubspot/crm-outcomes'
import type { RecordFailure } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'

const firstRetryMs = 30_000
const longestRetryMs = 60 * 60_000
/** HubSpot may answer otherwise next time, without anybody changing anything. */
const temporary =
  /^(RATE_LIMITS?|INTERNAL_ERROR|ANSWER_MISSING|LOCKED|TIMEOUT|MISSING_SCOPES|REQUEST_TIMEOUT)$/

/**
 * HubSpot answered the batch, but not for this record: whether it took effect has to be looked up.
 */
export const noAnswer: RecordFailure = {
  code: 'ANSWER_MISSING',
  message: 'HubSpot did not say what became of this record.',
  correlationId: null,
  category: null,
}

/** @returns the failure as the record shows it */
export function shown({ code, message, correlationId }: RecordFailure): Failure {
  return { code: code.toLowerCase(), message: message.slice(0, 1000), correlationId }
}

/**
 * @param attempts tries so far that failed
 * @returns when trying again can help; `null`: only after somebody changed the record
 */
export function retryAt(failure: RecordFailure, attempts: number, now: Date): Date | null {
  if (!temporary.test(failure.code) && !temporary.test(failure.category ?? '')) return null
  return new Date(
    now.getTime() + Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts, 12)),
  )
}

/** HubSpot has no record of that id any more. */
export function isGone(failure: RecordFailure): boolean {
  return failure.category === 'OBJECT_NOT_FOUND' || failure.code === 'OBJECT_NOT_FOUND'
}

/**
 * @returns the id of the contact that has the e-mail address of a refused create
 * @see docs/hubspot-platform.md#errors
 */
export function existingId(failure: RecordFailure): string | null {
  if (failure.category !== 'CONFLICT' && failure.code !== 'CONFLICT') return null
  return existingIdOf(failure)
}

/**
 * @returns the refusal of a whole request as the failure of each of its records; `null` for an error
 *   that is not about records
 */
export function refusalOf(error: unknown): RecordFailure | null {
  if (
    !(error instanceof HubspotError) ||
    !['rejected', 'not_found', 'conflict', 'forbidden'].includes(error.kind)
  )
    return null
  const fallback =
    { not_found: 'OBJECT_NOT_FOUND', forbidden: 'MISSING_SCOPES' }[error.kind as string] ?? null
  return { ...toRecordFailure(error), category: error.category ?? fallback }
}
