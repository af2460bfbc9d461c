import type { ObjectId } from 'mongodb'
import type { ConnectBody, Connection, SettingsPatch } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import type { SignedIn } from '../accounts/sessions'
import type { Clock } from '../config/clock'
import type { Configuration } from '../config/configuration'
import { userActor, type Actor, type AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { Cipher } from '../database/encryption'
import { ValidationFailed } from '../errors'
import type { HubspotHttp } from '../hubspot/http'
import { createOauthClient } from '../hubspot/oauth-client'
import type { Log } from '../observability/log'
import type { Metrics } from '../observability/metrics'
import { createConnectionAlerts } from './alerts'
import { createAttempts, type StartedAttempt } from './oauth-state'
import { createCallback } from './callback'
import { createDisconnect } from './disconnect'
import { createGrantAcceptance } from './grant-acceptance'
import { createGrantReport } from './grant-report'
import { createConnectionHooks } from './hooks'
import { createRefreshLeases } from './refresh-lease-repository'
import { createMaintenance } from './maintenance'
import { createPortalReservations } from './portal-reservations-repository'
import { createPendingGrants } from './pending-grants'
import { createMarketplace, type MarketplaceAnswer, type MarketplaceRequest } from './marketplace'
import { createRefresh } from './refresh'
import { createRemoteCleanup } from './remote-cleanup'
import { parseReturnUrl } from './return-url'
import { isOwning } from './integration'
import { createIntegrationRepository } from './repository'
import { createSettings } from './settings'
import { presentConnection } from './status'
import type { OnStep } from './crash-points'
import { countedUpTo, type SummaryFacts } from './summary'
import { createVault } from './vault'

export interface ConnectionDeps {
  collections: Collections
  configuration: Configuration
  http: HubspotHttp
  cipher: Cipher
  audit: AuditLog
  clock: Clock
  log: Log
  metrics: Metrics
  onStep?: OnStep
  wait?: (ms: number) => Promise<void>
  random?: () => number
  /** How many records of a partner wait to be written, and how many failed, each up to `limit` */
  countRecords(
    partnerId: ObjectId,
    limit: number,
  ): Promise<Pick<SummaryFacts, 'waiting' | 'failed'>>
  /** Milliseconds before an `invalid_grant` is asked about once more */
  confirmRevokedAfterMs?: number
}

/**
 * Everything about one partner's grant: from Connect to Disconnect, and the token in between.
 * Nobody else holds one.
 */
export function createConnection(deps: ConnectionDeps) {
  const {
    collections,
    configuration: { hubspot },
    http,
    cipher,
    audit,
    clock,
    log,
    metrics,
    onStep = () => {},
    wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms)),
    random = Math.random,
    confirmRevokedAfterMs = 3000,
  } = deps
  const oauth = createOauthClient({
    http,
    clock,
    clientId: hubspot.clientId,
    clientSecret: hubspot.clientSecret,
    redirectUri: hubspot.redirectUri,
    apiVersion: hubspot.apiVersion,
  })
  const alerts = createConnectionAlerts({ clock, log })
  const hooks = createConnectionHooks({ log })
  const integrations = createIntegrationRepository({ collections })
  const vault = createVault({
    integrations,
    cipher,
    clock,
    syncIntervalSeconds: hubspot.syncIntervalSeconds,
  })
  const leases = createRefreshLeases({ collections })
  const attempts = createAttempts({ collections, clock })
  const refresh = createRefresh({
    integrations,
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
  })
  const reservations = createPortalReservations({ collections, clock })
  const cleanup = createRemoteCleanup({
    integrations,
    reservations,
    vault,
    oauth,
    audit,
    alerts,
    clock,
    log,
  })
  const grantAcceptance = createGrantAcceptance({
    cleanup,
    integrations,
    reservations,
    wait,
    vault,
    oauth,
    cipher,
    clock,
    alerts,
    log,
    onStep,
  })
  const issuers = [
    ...new Set([
      new URL(hubspot.authorizeUrl).origin,
      new URL(hubspot.apiBaseUrl).origin,
      'https://app.hubspot.com',
      'https://api.hubapi.com',
    ]),
  ]
  const report = createGrantReport({ audit, hooks, log })
  const callback = createCallback({
    attempts,
    grantAcceptance,
    integrations,
    report,
    audit,
    clock,
    log,
    onStep,
    wait,
    issuers,
  })
  const own = {
    authorizeUrl: hubspot.authorizeUrl,
    clientId: hubspot.clientId,
    redirectUri: hubspot.redirectUri,
  }
  const marketplace = createMarketplace({ callback, own })
  const disconnect = createDisconnect({
    attempts,
    integrations,
    vault,
    cleanup,
    hooks,
    audit,
    log,
    onStep,
  })
  const settings = createSettings({ integrations, audit, clock })
  const pendingGrants = createPendingGrants({
    integrations,
    vault,
    cleanup,
    grantAcceptance,
    report,
    audit,
    clock,
  })
  const { maintain } = createMaintenance({
    integrations,
    reservations,
    oauth,
    attempts,
    refresh,
    cleanup,
    pendingGrants,
    clock,
    log,
  })

  const count = (partnerId: ObjectId) => deps.countRecords(partnerId, countedUpTo + 1)

  async function view(
    partnerId: ObjectId,
    currentRun: Run | null,
    counted: ReturnType<typeof count> = count(partnerId),
  ): Promise<Connection> {
    const [integration, records] = await Promise.all([integrations.read(partnerId), counted])
    const isConnecting = !isOwning(integration) && (await attempts.isOpen(partnerId))
    return presentConnection({ integration, currentRun, isConnecting, ...records }, clock())
  }

  return {
    /**
     * The contract's `Connection`.
     * @param currentRun the run under way, from `sync`
     * @param counted records that wait or failed, where they were counted just before
     */
    view,
    count,

    getValidAccessToken: refresh.getValidAccessToken,
    storeHeldTokens: refresh.storeHeldTokens,
    tokenAfterUnauthorized: refresh.tokenAfterUnauthorized,

    /**
     * Mints the state of a new attempt.
     * @throws {ValidationFailed} when `returnUrl` is no page of HubSpot's app
     * @throws {TooManyAttempts} more often than ten times a minute by one person
     */
    async connect(
      signedIn: SignedIn,
      { returnUrl, confirmPortalChange = false, chooseScope = false }: ConnectBody,
    ): Promise<StartedAttempt> {
      const back = returnUrl === undefined ? null : parseReturnUrl(returnUrl, own)
      if (returnUrl !== undefined && back === null)
        throw new ValidationFailed([
          { path: 'returnUrl', message: "must be a page of HubSpot's app" },
        ])
      // A new authorization brings a new grant.
      const parked = confirmPortalChange ? await pendingGrants.replace(signedIn.partner.id) : null
      const started = await attempts.start({
        signedIn,
        purpose: back ? 'marketplace' : 'connect',
        returnUrl: back?.href ?? null,
        confirmPortalChange,
        chooseScope: chooseScope || parked?.choose_scope === true,
      })
      await audit.record({
        partnerId: signedIn.partner.id,
        actor: userActor(signedIn),
        action: 'hubspot.connect_started',
        details: { purpose: back ? 'marketplace' : 'connect', confirmPortalChange },
      })
      return started
    },

    /**
     * HubSpot's redirect back, plain or of a marketplace install. @returns where to send the
     * browser
     */
    async callback(request: MarketplaceRequest): Promise<MarketplaceAnswer> {
      return (await marketplace.handle(request)) ?? { location: await callback.handle(request) }
    },

    /** Refreshes now. @returns when the new token expires */
    async refresh(partnerId: ObjectId, actor: Actor): Promise<{ expiresAt: Date }> {
      const { expiresAt } = await refresh.force(partnerId)
      await audit.record({ partnerId, actor, action: 'hubspot.refresh' })
      return { expiresAt }
    },

    disconnect: disconnect.disconnect,
    acceptPending: pendingGrants.accept,
    declinePending: pendingGrants.decline,

    /**
     * @param currentRun the run under way, asked for once the settings hold: a pause ends it at
     *   once
     */
    async updateSettings(
      partnerId: ObjectId,
      patch: SettingsPatch,
      actor: Actor,
      currentRun: () => Promise<Run | null> = () => Promise.resolve(null),
    ): Promise<Connection> {
      await settings.update(partnerId, patch, actor)
      if (patch.paused === true) await hooks.paused(partnerId)
      return await view(partnerId, await currentRun())
    },

    scopeChosen: settings.scopeChosen,

    hooks: {
      onConnected: hooks.onConnected,
      onDisconnected: hooks.onDisconnected,
      onPaused: hooks.onPaused,
      onAlert: alerts.onAlert,
    },
    maintain,
    /** HubSpot's OAuth endpoints, for the doctor */
    oauth,
  }
}
export type ConnectionService = ReturnType<typeof createConnection>
