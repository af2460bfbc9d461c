import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { DomainError } from '../errors'
import { EnvelopeError } from '../database/encryption'
import { HubspotError } from '../hubspot/errors'
import { errorFields, type Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import type { ConnectionAlerts } from './alerts'
import { backOffMs } from './backoff'
import { HubspotUnavailable, ReauthorizationRequired } from './errors'
import type { RefreshLease, RefreshLeases } from './refresh-lease-repository'

export interface RefreshFailuresDeps {
  leases: RefreshLeases
  clock: Clock
  log: Log
  metrics: Metrics
  alerts: ConnectionAlerts
  random: () => number
}

/**
 * Tells failed refreshes apart (docs/architecture.md#refresh). Each function writes what follows
 * and returns the error for the caller.
 * Promise P4: only HubSpot's terminal answer revokes a grant.
 */
export function createRefreshFailures({
  leases,
  clock,
  log,
  metrics,
  alerts,
  random,
}: RefreshFailuresDeps) {
  async function revoked(lease: RefreshLease): Promise<DomainError> {
    const { partnerId, integration, takenOver } = lease
    // Where a reply of HubSpot's may have been lost, the refresh token may have changed with it;
    // saying "removed in HubSpot" would be a guess.
    const replyLost = takenOver || integration.refresh_failures > 0
    const message = replyLost
      ? "HubSpot no longer accepts the stored grant; an earlier reply of HubSpot's may " +
        'have been lost. Connect again to go on.'
      : 'HubSpot no longer accepts the stored grant: the app was removed there, or its ' +
        'access was revoked. Connect again to go on.'
    const settled = await leases.settle(lease, {
      status: 'revoked',
      reason: { code: 'grant_revoked', message, at: clock() },
      refresh_failures: 0,
      retry_refresh_at: null,
      next_sync_at: null,
    })
    if (!settled) return new HubspotUnavailable(1000)
    metrics.tokenRefreshes.inc({ outcome: 'revoked' })
    log.warn(
      {
        event: 'grant_revoked',
        partnerId: partnerId.toHexString(),
        tokenVersion: integration.token_version,
      },
      'A HubSpot grant is gone',
    )
    await alerts.raise({ kind: 'grant_revoked', partnerId, message })
    return new ReauthorizationRequired()
  }

  return {
    /** After HubSpot did not give a token: ends the lease with what the failure means. */
    async settle(lease: RefreshLease, error: unknown): Promise<unknown> {
      if (!(error instanceof HubspotError)) return error
      if (error.kind === 'revoked') return await revoked(lease)
      const { status, reason } = lease.integration
      const failures = lease.integration.refresh_failures + 1
      const delayMs = backOffMs(failures, error.retryAfterMs, random())
      const waiting = {
        refresh_failures: failures,
        retry_refresh_at: new Date(clock().getTime() + delayMs),
      }
      if (error.kind === 'config') {
        // Our own credentials: every partner meets this at once and none of them can help it.
        // Nothing that they see changes.
        await leases.settle(lease, waiting)
        metrics.tokenRefreshes.inc({ outcome: 'config' })
        await alerts.raise({
          kind: 'hubspot_configuration',
          partnerId: null,
          message:
            `HubSpot refuses this installation's client id, secret or redirect URI ` +
            `(${error.category ?? error.status ?? 'no code'}). Check ` +
            'NUXT_PUBLIC_HUBSPOT_CLIENT_ID and NUXT_HUBSPOT_CLIENT_SECRET; connections are ' +
            'kept.',
        })
        return new HubspotUnavailable(
          delayMs,
          "HubSpot does not accept this installation's credentials. The operator has " +
            'been told; the connection is kept.',
        )
      }
      await leases.settle(lease, {
        ...waiting,
        status: 'degraded',
        reason: {
          code: 'hubspot_unavailable',
          message:
            'HubSpot could not renew the access just now. It is tried again by itself; ' +
            'nothing is lost.',
          // Since when it is so, not when it was tried last.
          at: status === 'degraded' && reason ? reason.at : clock(),
        },
      })
      metrics.tokenRefreshes.inc({ outcome: 'transient' })
      log.warn(
        {
          event: 'token_refresh_failed',
          partnerId: lease.partnerId.toHexString(),
          attempt: failures,
          delayMs,
          hubspotStatus: error.status,
          hubspotCategory: error.category,
          hubspotCorrelationId: error.correlationId,
        },
        'A token refresh failed and will be tried again',
      )
      return new HubspotUnavailable(delayMs)
    },

    /**
     * A stored envelope does not open: this partner alone is concerned, nothing is deleted, and
     * HubSpot is not asked.
     */
    async unreadable(partnerId: ObjectId, error: unknown): Promise<unknown> {
      if (!(error instanceof EnvelopeError)) return error
      metrics.tokenRefreshes.inc({ outcome: 'unreadable' })
      log.error(
        {
          event: 'token_unreadable',
          partnerId: partnerId.toHexString(),
          problem: error.problem,
          keyId: error.keyId,
          ...errorFields(error),
        },
        'A stored token does not open',
      )
      await alerts.raise({
        kind: 'token_unreadable',
        partnerId,
        message:
          error.problem === 'unknown_key'
            ? `A stored HubSpot token needs the encryption key "${error.keyId}", which ` +
              'NUXT_TOKEN_ENCRYPTION_KEYS does not hold. Add it and restart.'
            : 'A stored HubSpot token is damaged and does not open. Connect this partner ' +
              'again, or restore the record.',
      })
      return new HubspotUnavailable(
        60_000,
        'The stored access to HubSpot cannot be read at the moment. The operator has ' +
          'been told; nothing was lost.',
      )
    },

    /** A token that could not be stored is not fetched. */
    async cannotSeal(): Promise<DomainError> {
      await alerts.raise({
        kind: 'cannot_seal',
        partnerId: null,
        message:
          'The first key of NUXT_TOKEN_ENCRYPTION_KEYS cannot seal. HubSpot is not asked ' +
          'for tokens until it can.',
      })
      return new HubspotUnavailable(
        60_000,
        'Access to HubSpot cannot be stored safely at the moment. The operator has been ' +
          'told; nothing was lost.',
      )
    },
  }
}
export type RefreshFailures = ReturnType<typeof createRefreshFailures>
