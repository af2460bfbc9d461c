import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Cipher } from '../database/encryption'
import type { OauthClient } from '../hubspot/oauth-client'
import type { Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import type { ConnectionAlerts } from './alerts'
import { HubspotUnavailable } from './errors'
import { isFresh } from './token-freshness'
import { refreshLeaseMs, type RefreshLeases } from './refresh-lease-repository'
import { createRefreshFailures } from './refresh-failures'
import { createRefreshOnce } from './carry-out-refresh'
import type { IntegrationRepository } from './repository'
import type { OnStep } from './crash-points'
import { createUnsavedGrants } from './unsaved-grants'
import { createTokenReader, unavailableUntil, usable, type ValidToken } from './valid-token'
import type { Vault } from './vault'

export interface RefreshDeps {
  integrations: IntegrationRepository
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
  /**
   * Milliseconds before an `invalid_grant` is asked about once more (docs/architecture.md#refresh)
   */
  confirmRevokedAfterMs: number
}

/**
 * Gives valid access tokens; refreshes exactly once however many callers and processes ask
 * (docs/architecture.md#refresh).
 * Promise P3: one token request per partner at a time.
 */
export function createRefresh(deps: RefreshDeps) {
  const { integrations, vault, leases, cipher, clock, log, metrics, alerts, wait, random } = deps
  const running = new Map<string, Promise<ValidToken>>()
  const unsaved = createUnsavedGrants({ leases, clock, log, wait })
  const failures = createRefreshFailures({ leases, clock, log, metrics, alerts, random })
  const openToken = createTokenReader({ vault, failures })
  const refreshOnce = createRefreshOnce({ ...deps, unsaved, failures, openToken })

  /**
   * Refreshes, or waits for whoever does, until there is a fresh token of a later version than
   * `version`.
   */
  async function startRefresh(
    partnerId: ObjectId,
    version: number,
    force: boolean,
  ): Promise<ValidToken> {
    const deadline = performance.now() + refreshLeaseMs + 15_000
    let failuresBefore: number | null = null
    for (let turn = 1; ; turn++) {
      const integration = usable(await integrations.read(partnerId))
      if (integration.token_version > version && isFresh(integration, clock()))
        return await openToken(partnerId, integration)
      // Whoever held the lease has just failed: its failure is ours too, not a reason to try again
      // at once.
      failuresBefore ??= integration.refresh_failures
      if (integration.refresh_failures > failuresBefore)
        throw unavailableUntil(integration, clock())
      if (!force && integration.retry_refresh_at !== null && integration.retry_refresh_at > clock())
        throw unavailableUntil(integration, clock())
      if (!cipher.canSeal()) throw await failures.cannotSeal()
      const lease = await leases.take(partnerId, integration.token_version)
      if (lease) return await refreshOnce(lease)
      if (performance.now() > deadline) throw unavailableUntil(integration, clock())
      await wait(Math.min(500, 20 * turn) * (0.5 + random()))
    }
  }

  /** One promise per partner in this process. */
  async function tokenAfter(
    partnerId: ObjectId,
    version: number,
    force: boolean,
  ): Promise<ValidToken> {
    const key = partnerId.toHexString()
    for (let turn = 0; turn < 3; turn++) {
      const held = unsaved.find(partnerId)
      if (held && held.tokenVersion > version) return held
      let refresh = running.get(key)
      if (!refresh) {
        refresh = startRefresh(partnerId, version, force).finally(() => running.delete(key))
        running.set(key, refresh)
      }
      const token = await refresh
      if (token.tokenVersion > version) return token
    }
    throw new HubspotUnavailable(1000)
  }

  return {
    /** Before the process ends: stores tokens that only its memory holds. */
    storeHeldTokens: unsaved.storeAll,

    /**
     * @returns an access token with at least five minutes left (where HubSpot issues any that long)
     * @throws {NotConnected | ReauthorizationRequired | HubspotUnavailable}
     */
    async getValidAccessToken(partnerId: ObjectId): Promise<ValidToken> {
      const held = unsaved.find(partnerId)
      if (held) return held
      const integration = usable(await integrations.read(partnerId))
      if (isFresh(integration, clock())) return await openToken(partnerId, integration)
      return await tokenAfter(partnerId, integration.token_version, false)
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
      const integration = usable(await integrations.read(partnerId))
      if (integration.token_version > rejectedVersion && isFresh(integration, clock()))
        return await openToken(partnerId, integration)
      return await tokenAfter(partnerId, rejectedVersion, false)
    },

    /** Refreshes whatever the present token's age, also during a back-off. */
    async force(partnerId: ObjectId): Promise<ValidToken> {
      return await tokenAfter(
        partnerId,
        usable(await integrations.read(partnerId)).token_version,
        true,
      )
    },
  }
}
export type Refresh = ReturnType<typeof createRefresh>
