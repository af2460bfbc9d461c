import type { Failure } from '#shared/contracts/primitives'
import { isDatabaseUnavailable } from '../database/errors'
import { DomainError } from '../errors'
import { HubspotError, type HubspotErrorKind } from '../hubspot/errors'

const said: Record<HubspotErrorKind, { code: string; message: string }> = {
  transient: {
    code: 'hubspot_unavailable',
    message:
      'HubSpot cannot be reached at the moment. Nothing was lost; the sync goes on by itself as soon as it can.',
  },
  rate_limited: {
    code: 'hubspot_rate_limited',
    message: 'HubSpot asked for a pause. Nothing was lost; the sync goes on by itself.',
  },
  unauthorized: {
    code: 'hubspot_unauthorized',
    message:
      "HubSpot did not accept the connection's token. If this stays, an admin should connect again in the settings.",
  },
  forbidden: {
    code: 'insufficient_scope',
    message:
      'HubSpot refused access: a permission is missing. An admin should connect again in the settings and grant everything that is asked for.',
  },
  not_found: {
    code: 'hubspot_rejected',
    message: 'HubSpot does not know what was asked for. The next sync tries again.',
  },
  conflict: {
    code: 'hubspot_rejected',
    message: 'HubSpot refused a request of the sync. The next sync tries again.',
  },
  rejected: {
    code: 'hubspot_rejected',
    message: 'HubSpot refused a request of the sync. The next sync tries again.',
  },
  config: {
    code: 'hubspot_configuration',
    message: "The app's own registration with HubSpot has a problem. Its operator has been told.",
  },
  revoked: {
    code: 'hubspot_reauthorization_required',
    message:
      'HubSpot no longer accepts this connection. An admin has to connect again in the settings.',
  },
}

/** HubSpot's limit that an account has used up: of the day, of searches, or of ten seconds. */
export type HubspotLimit = 'daily' | 'search' | 'requests'

/**
 * Which limit a 429 named; `null` for anything else and for a limit without a name.
 * @see docs/hubspot-platform.md#limits
 */
export function limitOf(error: unknown): HubspotLimit | null {
  if (!(error instanceof HubspotError) || error.kind !== 'rate_limited') return null
  if (error.policyName === 'DAILY') return 'daily'
  if (error.policyName === 'SECONDLY') return 'search'
  return error.policyName === 'TEN_SECONDLY_ROLLING' ? 'requests' : null
}

const limitReached: Record<HubspotLimit, string> = {
  daily:
    'HubSpot’s daily limit of requests for this account is used up. Nothing was lost; the sync ' +
    'goes on once HubSpot counts anew, at midnight in the account’s time zone.',
  search:
    'HubSpot’s limit of searches per second was reached, by all apps of this account together. ' +
    'Nothing was lost; the sync goes on by itself.',
  requests:
    'HubSpot’s limit of requests in ten seconds was reached. Nothing was lost; the sync goes on ' +
    'by itself.',
}

/**
 * Why a run ended, in words for people. HubSpot's own text stays out of it; its correlation id
 * helps its support.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof HubspotError) {
    const limit = limitOf(error)
    const { code, message } = said[error.kind]
    return {
      code,
      message: limit ? limitReached[limit] : message,
      correlationId: error.correlationId,
    }
  }
  if (error instanceof DomainError)
    return { code: error.code, message: error.message, correlationId: null }
  return {
    code: 'internal_error',
    message: 'Something went wrong on our side. The next sync tries again.',
    correlationId: null,
  }
}

/** HubSpot is away or asks for a pause: the same request may succeed later. */
export function isHubspotTrouble(error: unknown): boolean {
  return (
    error instanceof HubspotError && (error.kind === 'transient' || error.kind === 'rate_limited')
  )
}

/** HubSpot is away: it fails or does not answer, and did not just ask for a pause. */
export function isOutage(error: unknown): boolean {
  return (
    (error instanceof HubspotError && error.kind === 'transient') ||
    (error instanceof DomainError && error.code === 'hubspot_unavailable')
  )
}

/** Passes without anybody's help, be it while a token is renewed: worth waiting for in the run. */
export function isPassing(error: unknown): boolean {
  return (
    isHubspotTrouble(error) ||
    isDatabaseUnavailable(error) ||
    (error instanceof DomainError &&
      (error.code === 'hubspot_unavailable' || error.code === 'hubspot_rate_limited'))
  )
}
