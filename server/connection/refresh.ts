import type { ObjectId } from 'mongodb'
import { missingScopes } from '#shared/hubspot/scopes'
import type { Clock } from '../config/clock'
import type { Cipher } from '../database/envelope'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient, TokenGrant } from '../hubspot/oauth-client'
import { errorFields, type Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import type { ConnectionAlerts } from './alerts'
import { HubspotUnavailable, NotConnected, ReauthorizationRequired } from './errors'
import { isFresh, refreshReasons, type Integration } from './integration'
import { refreshLeaseMs, type RefreshLease, type RefreshLeases } from './lease'
import { createRefreshFailures } from './refresh-failures'
import type { OnStep } from './steps'
import { createUnsavedGrants } from './unsaved-grants'
import { expiryOf, type Vault } from './vault'

export interface ValidToken {
  accessToken: string
  portalId: string
  /** Grows with each grant and refresh: says which token a 401 was about */
  tokenVersion: number
  expiresAt: Date
}

export interface RefreshDeps {
  vault: Vault
  leases: RefreshLeases
  oauth: OauthClient
  cipher: Cipher
  clock: Clock
  log: Log
  metrics: Metrics
  alerts: ConnectionAlerts
  onStep: OnStep
  /** Resolves after so many milliseconds */
  wait: (ms: number) => Promise<void>
  random: () => number
  /** Milliseconds before an `invalid_grant` is asked about once more (security.md R11) */
  confirmRevokedAfterMs: number
}

/**
 * Gives valid access tokens; refreshes exactly once however many callers and processes ask (spec
 * §6.5, security.md §E1).
 */
export function createRefresh(deps: RefreshDeps) {
  const {
    vault,
    leases,
    oauth,
    cipher,
    clock,
    log,
    metrics,
    alerts,
    onStep,
    wait,
    random,
    confirmRevokedAfterMs,
  } = deps
  const flights = new Map<string, Promise<ValidToken>>()
  const unsaved = createUnsavedGrants({ leases, clock, log, wait })
  const failures = createRefreshFailures({ leases, clock, log, metrics, alerts, random })

  function usable(integration: Integration | null): Integration {
    if (!integration || integration.status === 'disconnected') throw new NotConnected()
    if (integration.status === 'revoked') throw new ReauthorizationRequired()
    return integration
  }

  async function opened(
    partnerId: ObjectId,
    { access_token, portal_id, token_version, expires_at }: Integration,
  ): Promise<ValidToken> {
    if (!access_token || !portal_id || !expires_at) throw new NotConnected()
    try {
      return {
        accessToken: vault.open(partnerId, 'access_token', access_token),
        portalId: portal_id,
        tokenVersion: token_version,
        expiresAt: expires_at,
      }
    } catch (error) {
      throw await failures.unreadable(partnerId, error)
    }
  }

  function unavailableUntil(integration: Integration): HubspotUnavailable {
    return new HubspotUnavailable(
      Math.max(1000, (integration.retry_refresh_at?.getTime() ?? 0) - clock().getTime()),
    )
  }

  /**
   * One token call, and a second one some seconds later before a refusal is believed: HubSpot has
   * said `invalid_grant` by mistake (R11).
   */
  async function ask(lease: RefreshLease, refreshToken: string): Promise<TokenGrant | 'moved'> {
    const moved = async () =>
      (await vault.read(lease.partnerId))?.token_version !== lease.integration.token_version
    try {
      return await oauth.refresh(refreshToken)
    } catch (error) {
      if (!(error instanceof HubspotError) || error.kind !== 'revoked') throw error
      if (await moved()) return 'moved'
      await wait(confirmRevokedAfterMs)
      if (await moved()) return 'moved'
      return await oauth.refresh(refreshToken)
    }
  }

  /** What a refreshed grant changes in the document. */
  function changesOf({ partnerId, integration }: RefreshLease, grant: TokenGrant) {
    const scopes = grant.scopes ?? integration.scopes
    const missing = missingScopes(scopes)
    const ours = integration.reason === null || refreshReasons.includes(integration.reason.code)
    const health =
      missing.length > 0
        ? {
            status: 'degraded' as const,
            reason: {
              code: 'insufficient_scope',
              message: `HubSpot took permissions away: ${missing.join(', ')}. Connect again to grant them.`,
              at: clock(),
            },
          }
        : ours
          ? { status: 'connected' as const, reason: null }
          : {}
    return {
      access_token: vault.seal(partnerId, 'access_token', grant.accessToken),
      // Whatever came back is stored; where nothing came back the old one goes on (hubspot.md
      // §0.3).
      refresh_token:
        grant.refreshToken === null
          ? integration.refresh_token
          : vault.seal(partnerId, 'refresh_token', grant.refreshToken),
      expires_at: expiryOf(grant),
      expires_in: grant.expiresIn,
      scopes,
      token_version: integration.token_version + 1,
      refresh_failures: 0,
      retry_refresh_at: null,
      ...health,
    }
  }

  /**
   * The grant changed while HubSpot was asked: what stands there now wins, and what was fetched in
   * vain is given up.
   */
  async function overtaken(
    partnerId: ObjectId,
    sealedAccess: string,
    token: ValidToken,
    grant: TokenGrant,
  ): Promise<ValidToken> {
    const current = await vault.read(partnerId)
    // The write was applied although its acknowledgement was lost (R4).
    if (current?.access_token === sealedAccess) return token
    if (
      (!current || current.status === 'disconnected') &&
      grant.refreshToken !== null &&
      !(await vault.portalOwned(token.portalId, null))
    ) {
      await oauth.revoke(grant.refreshToken).catch((error: unknown) =>
        log.warn(
          {
            event: 'late_grant_not_revoked',
            partnerId: partnerId.toHexString(),
            ...errorFields(error),
          },
          'A grant that came after the disconnect could not be revoked',
        ),
      )
    }
    const integration = usable(current)
    if (isFresh(integration, clock())) return await opened(partnerId, integration)
    throw unavailableUntil(integration)
  }

  async function refreshUnder(lease: RefreshLease): Promise<ValidToken> {
    const { partnerId, integration } = lease
    await onStep('refresh_lease_taken')
    const portalId = integration.portal_id
    if (!integration.refresh_token || !portalId) {
      await leases.settle(lease, {})
      throw new NotConnected()
    }
    let refreshToken: string
    try {
      refreshToken = vault.open(partnerId, 'refresh_token', integration.refresh_token)
    } catch (error) {
      await leases.settle(lease, {})
      throw await failures.unreadable(partnerId, error)
    }
    let answer: TokenGrant | 'moved'
    try {
      answer = await ask(lease, refreshToken)
      // The same refresh token cannot speak for another account: such an answer is not understood,
      // and not stored.
      if (answer !== 'moved' && answer.portalId !== null && answer.portalId !== portalId)
        throw new HubspotError({ kind: 'transient', category: 'ANOTHER_PORTAL' })
    } catch (error) {
      throw await failures.settle(lease, error)
    }
    if (answer === 'moved') {
      const current = usable(await vault.read(partnerId))
      if (isFresh(current, clock())) return await opened(partnerId, current)
      throw unavailableUntil(current)
    }
    const changes = changesOf(lease, answer)
    await onStep('refresh_answered')
    const token: ValidToken = {
      accessToken: answer.accessToken,
      portalId,
      tokenVersion: changes.token_version,
      expiresAt: changes.expires_at,
    }
    try {
      if (!(await leases.settle(lease, changes)))
        return await overtaken(partnerId, changes.access_token, token, answer)
    } catch (error) {
      if (
        error instanceof NotConnected ||
        error instanceof ReauthorizationRequired ||
        error instanceof HubspotUnavailable
      )
        throw error
      // The database is away just now (R15): the token serves from memory, and storing it goes on
      // in the background.
      log.warn(
        {
          event: 'token_held_in_memory',
          partnerId: partnerId.toHexString(),
          ...errorFields(error),
        },
        'A refreshed token could not be stored yet',
      )
      unsaved.hold(lease, changes, token)
    }
    metrics.tokenRefreshes.inc({ outcome: 'ok' })
    log.info(
      {
        event: 'token_refreshed',
        partnerId: partnerId.toHexString(),
        tokenVersion: token.tokenVersion,
        fence: lease.fence,
      },
      'A HubSpot token was refreshed',
    )
    await onStep('refresh_stored')
    return token
  }

  /**
   * Refreshes, or waits for whoever does, until there is a fresh token of a later version than
   * `version`.
   */
  async function fly(partnerId: ObjectId, version: number, force: boolean): Promise<ValidToken> {
    const deadline = performance.now() + refreshLeaseMs + 15_000
    let failuresBefore: number | null = null
    for (let turn = 1; ; turn++) {
      const integration = usable(await vault.read(partnerId))
      if (integration.token_version > version && isFresh(integration, clock()))
        return await opened(partnerId, integration)
      // Whoever held the lease has just failed: its failure is ours too, not a reason to try again
      // at once.
      failuresBefore ??= integration.refresh_failures
      if (integration.refresh_failures > failuresBefore) throw unavailableUntil(integration)
      if (!force && integration.retry_refresh_at !== null && integration.retry_refresh_at > clock())
        throw unavailableUntil(integration)
      if (!cipher.canSeal()) throw await failures.cannotSeal()
      const lease = await leases.take(partnerId, integration.token_version)
      if (lease) return await refreshUnder(lease)
      if (performance.now() > deadline) throw unavailableUntil(integration)
      await wait(Math.min(500, 20 * turn) * (0.5 + random()))
    }
  }

  /** One promise per partner in this process. */
  async function past(partnerId: ObjectId, version: number, force: boolean): Promise<ValidToken> {
    const key = partnerId.toHexString()
    for (let turn = 0; turn < 3; turn++) {
      const held = unsaved.find(partnerId)
      if (held && held.tokenVersion > version) return held
      let flight = flights.get(key)
      if (!flight) {
        flight = fly(partnerId, version, force).finally(() => flights.delete(key))
        flights.set(key, flight)
      }
      const token = await flight
      if (token.tokenVersion > version) return token
    }
    throw new HubspotUnavailable(1000)
  }

  return {
    /**
     * @returns an access token with at least five minutes left (where HubSpot issues any that long)
     * @throws {NotConnected | ReauthorizationRequired | HubspotUnavailable}
     */
    async getValidAccessToken(partnerId: ObjectId): Promise<ValidToken> {
      const held = unsaved.find(partnerId)
      if (held) return held
      const integration = usable(await vault.read(partnerId))
      if (isFresh(integration, clock())) return await opened(partnerId, integration)
      return await past(partnerId, integration.token_version, false)
    },

    /**
     * After HubSpot refused a token (401): a newer one, refreshed once however many calls were
     * refused.
     * @param rejectedVersion `tokenVersion` of the token that was refused
     */
    async tokenAfterUnauthorized(
      partnerId: ObjectId,
      rejectedVersion: number,
    ): Promise<ValidToken> {
      const integration = usable(await vault.read(partnerId))
      if (integration.token_version > rejectedVersion && isFresh(integration, clock()))
        return await opened(partnerId, integration)
      return await past(partnerId, rejectedVersion, false)
    },

    /** Refreshes whatever the present token's age, also during a back-off. */
    async force(partnerId: ObjectId): Promise<ValidToken> {
      return await past(partnerId, usable(await vault.read(partnerId)).token_version, true)
    },
  }
}
export type Refresh = ReturnType<typeof createRefresh>
