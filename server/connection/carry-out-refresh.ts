import type { ObjectId } from 'mongodb'
import { missingScopes } from '#shared/hubspot/scopes'
import type { Clock } from '../config/clock'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient, TokenGrant } from '../hubspot/oauth-client'
import { errorFields, type Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import { HubspotUnavailable, NotConnected, ReauthorizationRequired } from './errors'
import { isFresh } from './token-freshness'
import type { RefreshLease, RefreshLeases } from './refresh-lease-repository'
import type { RefreshFailures } from './refresh-failures'
import type { IntegrationRepository } from './repository'
import type { OnStep } from './crash-points'
import type { UnsavedGrants } from './unsaved-grants'
import { unavailableUntil, usable, type OpenToken, type ValidToken } from './valid-token'
import { expiryOf, type Vault } from './vault'

export interface RefreshOnceDeps {
  integrations: IntegrationRepository
  vault: Vault
  leases: RefreshLeases
  oauth: OauthClient
  unsaved: UnsavedGrants
  failures: RefreshFailures
  openToken: OpenToken
  clock: Clock
  log: Log
  metrics: Metrics
  onStep: OnStep
  wait: (ms: number) => Promise<void>
  /**
   * Milliseconds before an `invalid_grant` is asked about once more (docs/architecture.md#refresh)
   */
  confirmRevokedAfterMs: number
}

/**
 * One refresh by the holder of the lease: asks HubSpot, then stores the grant or what the failure
 * means. Ends the lease.
 */
export function createRefreshOnce({
  integrations,
  vault,
  leases,
  oauth,
  unsaved,
  failures,
  openToken,
  clock,
  log,
  metrics,
  onStep,
  wait,
  confirmRevokedAfterMs,
}: RefreshOnceDeps) {
  /**
   * One token call, and a second one some seconds later before a refusal is believed: HubSpot has
   * said `invalid_grant` by mistake.
   */
  async function ask(lease: RefreshLease, refreshToken: string): Promise<TokenGrant | 'moved'> {
    const moved = async () =>
      (await integrations.read(lease.partnerId))?.token_version !== lease.integration.token_version
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
        : { status: 'connected' as const, reason: null }
    return {
      access_token: vault.seal(partnerId, 'access_token', grant.accessToken),
      // Whatever came back is stored; where nothing came back the old one goes on
      // (docs/hubspot-platform.md#token-endpoint).
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
    const current = await integrations.read(partnerId)
    // The write was applied although its acknowledgement was lost (R4).
    if (current?.access_token === sealedAccess) return token
    if (
      (!current || current.status === 'disconnected') &&
      grant.refreshToken !== null &&
      !(await integrations.portalOwned(token.portalId, null))
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
    if (isFresh(integration, clock())) return await openToken(partnerId, integration)
    throw unavailableUntil(integration, clock())
  }

  return async function refreshOnce(lease: RefreshLease): Promise<ValidToken> {
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
      const current = usable(await integrations.read(partnerId))
      if (isFresh(current, clock())) return await openToken(partnerId, current)
      throw unavailableUntil(current, clock())
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
      // The database is away just now: the token serves from memory, and storing it goes on
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
}
export type RefreshOnce = ReturnType<typeof createRefreshOnce>
