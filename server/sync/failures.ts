import { MongoError, MongoServerError } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import { causeOfBulkError } from '../database/bulk-errors'
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

/**
 * Why a run ended, in words for people. HubSpot's own text stays out of it; its correlation id
 * helps its support.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof HubspotError)
    return { ...said[error.kind], correlationId: error.correlationId }
  if (error instanceof DomainError)
    return { code: error.code, message: error.message, correlationId: null }
  return {
    code: 'internal_error',
    message: 'Something went wrong on our side. The next sync tries again.',
    correlationId: null,
  }
}

/** Trouble that passes by itself: worth waiting for within the run. */
export function isPassing(error: unknown): boolean {
  if (error instanceof HubspotError)
    return error.kind === 'transient' || error.kind === 'rate_limited'
  return (
    error instanceof DomainError &&
    (error.code === 'hubspot_unavailable' || error.code === 'hubspot_rate_limited')
  )
}

/**
 * The database is away: nothing can be said about the run, not even that it failed. Whoever reaches
 * the database next takes it over.
 */
export function isDatabaseAway(thrown: unknown): boolean {
  const error = causeOfBulkError(thrown)
  return (
    error instanceof MongoError &&
    !(error instanceof MongoServerError && !error.hasErrorLabel('RetryableWriteError'))
  )
}
