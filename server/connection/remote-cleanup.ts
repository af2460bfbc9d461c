import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { hubspotActor, type AuditLog } from '../database/audit'
import { EnvelopeError } from '../database/encryption'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient } from '../hubspot/oauth-client'
import { errorFields, type Log } from '../observability/log'
import type { ConnectionAlerts } from './alerts'
import type { Integration } from './integration'
import type { PortalReservations } from './portal-reservations-repository'
import type { IntegrationRepository } from './repository'
import { remoteCleanupMs, type CompleteGrant, type PendingGrant, type Vault } from './vault'

export type Cleanup = NonNullable<Integration['remote_cleanup']>

export interface CleanupResult {
  /** The app is no longer installed there, or somebody else uses it now and it has to stay */
  uninstalled: boolean
  /** Nothing is left to do */
  finished: boolean
}

export interface RemoteCleanupDeps {
  integrations: IntegrationRepository
  reservations: Pick<PortalReservations, 'take'>
  vault: Vault
  oauth: OauthClient
  audit: AuditLog
  alerts: ConnectionAlerts
  clock: Clock
  log: Log
}

const retryBaseMs = 60_000
const retryLongestMs = 60 * 60 * 1000

/**
 * Undoes a grant at HubSpot: uninstall, then revoke
 * (docs/hubspot-platform.md#uninstall-and-revoke). What does not work at once is tried again for a
 * day.
 */
export function createRemoteCleanup({
  integrations,
  reservations,
  vault,
  oauth,
  audit,
  alerts,
  clock,
  log,
}: RemoteCleanupDeps) {
  /**
   * @returns whether the app is uninstalled; `gone` when HubSpot no longer knows the grant, which
   *   says the same
   */
  async function uninstall(
    accessToken: string | null,
    refreshToken: string | null,
  ): Promise<'uninstalled' | 'gone'> {
    try {
      if (accessToken !== null) {
        await oauth.uninstall(accessToken)
        return 'uninstalled'
      }
    } catch (error) {
      // Not installed there any more; the grant may live on and is revoked all the same.
      if (error instanceof HubspotError && error.kind === 'not_found') return 'uninstalled'
      if (
        !(error instanceof HubspotError) ||
        error.kind !== 'unauthorized' ||
        refreshToken === null
      )
        throw error
    }
    if (refreshToken === null) throw new HubspotError({ kind: 'unauthorized' })
    try {
      const grant = await oauth.refresh(refreshToken)
      await oauth.uninstall(grant.accessToken)
      return 'uninstalled'
    } catch (error) {
      if (error instanceof HubspotError && error.kind === 'revoked') return 'gone'
      if (error instanceof HubspotError && error.kind === 'not_found') return 'uninstalled'
      throw error
    }
  }

  /**
   * Nothing is asked of HubSpot while somebody connects this portal, or once somebody has or is asked
   * whether to: an uninstall or a revocation would end that grant too (HubSpot gives all of them the
   * same refresh token).
   */
  async function undo(
    portalId: string,
    accessToken: string | null,
    refreshToken: string | null,
  ): Promise<CleanupResult> {
    const reservation = await reservations.take(portalId)
    if (reservation === null) return { uninstalled: false, finished: false }
    try {
      return await undoReserved(portalId, accessToken, refreshToken)
    } finally {
      await reservation.free(true)
    }
  }

  async function undoReserved(
    portalId: string,
    accessToken: string | null,
    refreshToken: string | null,
  ): Promise<CleanupResult> {
    const isInUse = () => integrations.portalInUse(portalId)
    const result: CleanupResult = { uninstalled: false, finished: false }
    if (await isInUse()) return { uninstalled: true, finished: true }
    try {
      const outcome = await uninstall(accessToken, refreshToken)
      result.uninstalled = true
      if (outcome === 'gone') return { uninstalled: true, finished: true }
    } catch (error) {
      log.warn(
        { event: 'remote_uninstall_failed', portalId, ...errorFields(error) },
        'The app could not be uninstalled in HubSpot',
      )
    }
    if (refreshToken === null) return { ...result, finished: result.uninstalled }
    // The reservation may have run out while HubSpot was slow: look again before the next call.
    if (await isInUse()) return { uninstalled: true, finished: true }
    try {
      await oauth.revoke(refreshToken)
      return { ...result, finished: result.uninstalled }
    } catch (error) {
      // After an uninstall HubSpot may not know the token any more: refused is as good as revoked.
      const refused =
        error instanceof HubspotError &&
        error.status !== null &&
        error.status < 500 &&
        error.kind === 'revoked'
      if (!refused)
        log.warn(
          { event: 'remote_revoke_failed', portalId, ...errorFields(error) },
          'The grant could not be revoked in HubSpot',
        )
      return { ...result, finished: result.uninstalled && refused }
    }
  }

  /** One try. Never throws for what HubSpot or a sealed token does. */
  async function attempt(partnerId: ObjectId, cleanup: Cleanup): Promise<CleanupResult> {
    try {
      const access =
        cleanup.access_token === null
          ? null
          : vault.open(partnerId, 'remote_cleanup.access_token', cleanup.access_token)
      const refresh =
        cleanup.refresh_token === null
          ? null
          : vault.open(partnerId, 'remote_cleanup.refresh_token', cleanup.refresh_token)
      return await undo(cleanup.portal_id, access, refresh)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      log.error(
        {
          event: 'token_unreadable',
          partnerId: partnerId.toHexString(),
          problem: error.problem,
          keyId: error.keyId,
        },
        'A token kept for the clean-up does not open',
      )
      return { uninstalled: false, finished: false }
    }
  }

  async function giveUp(partnerId: ObjectId, cleanup: Cleanup): Promise<void> {
    await integrations.clearCleanup(partnerId, cleanup)
    await audit.record({
      partnerId,
      actor: hubspotActor,
      action: 'hubspot.remote_uninstall',
      outcome: 'failed',
      details: { portalId: cleanup.portal_id, attempts: cleanup.attempts },
    })
    await tellItStays(partnerId, cleanup.portal_id)
  }

  async function tellItStays(partnerId: ObjectId, portalId: string): Promise<void> {
    await alerts.raise({
      kind: 'remote_cleanup_failed',
      partnerId,
      message:
        `The app could not be uninstalled from HubSpot account ${portalId}. ` +
        'Remove it there: Settings > Integrations > Connected apps.',
    })
  }

  /**
   * Leaves a grant that nobody keeps to the background, which ends it at HubSpot unless somebody
   * connects its account first. Where another account's clean-up is noted already, people are told.
   */
  async function leave(
    partnerId: ObjectId,
    grant: Pick<CompleteGrant, 'portalId' | 'accessToken' | 'refreshToken'>,
    firstTryInMs: number = retryBaseMs,
  ): Promise<void> {
    const now = clock().getTime()
    const isNoted = await integrations.noteCleanup(partnerId, {
      portal_id: grant.portalId,
      access_token: vault.seal(partnerId, 'remote_cleanup.access_token', grant.accessToken),
      refresh_token:
        grant.refreshToken === null
          ? null
          : vault.seal(partnerId, 'remote_cleanup.refresh_token', grant.refreshToken),
      attempts: 0,
      next_try_at: new Date(now + firstTryInMs),
      until: new Date(now + remoteCleanupMs),
    })
    if (!isNoted) await tellItStays(partnerId, grant.portalId)
  }

  /** Leaves a grant that was put aside to the background, as {@link leave} does. */
  async function leavePending(
    partnerId: ObjectId,
    pending: PendingGrant,
    firstTryInMs?: number,
  ): Promise<void> {
    try {
      await leave(partnerId, vault.unpark(partnerId, pending), firstTryInMs)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      await tellItStays(partnerId, pending.portal_id)
    }
  }

  /** Claims one clean-up that is due, so that of several processes one works on it. */
  async function claim(): Promise<{ partnerId: ObjectId; cleanup: Cleanup } | null> {
    const now = clock()
    const due = await integrations.findDueCleanup(now)
    if (!due) return null
    const { partnerId, cleanup } = due
    const next_try_at = new Date(
      now.getTime() + Math.min(retryLongestMs, retryBaseMs * 2 ** Math.min(10, cleanup.attempts)),
    )
    return (await integrations.claimCleanup(partnerId, cleanup, next_try_at))
      ? { partnerId, cleanup: { ...cleanup, next_try_at, attempts: cleanup.attempts + 1 } }
      : null
  }

  return {
    undo,
    attempt,
    leave,
    leavePending,
    tellItStays,
    /** Works on what is due. @param limit partners in one go */
    async retryDue(limit = 20): Promise<void> {
      for (let count = 0; count < limit; count++) {
        const due = await claim()
        if (!due) return
        const { partnerId, cleanup } = due
        // A disconnect that died before its first try left the portal reserved.
        await integrations.freePortal(partnerId)
        if (cleanup.until <= clock()) {
          await giveUp(partnerId, cleanup)
          continue
        }
        const result = await attempt(partnerId, cleanup)
        if (!result.finished) continue
        await integrations.clearCleanup(partnerId, cleanup)
        await audit.record({
          partnerId,
          actor: hubspotActor,
          action: 'hubspot.remote_uninstall',
          details: { portalId: cleanup.portal_id, attempts: cleanup.attempts },
        })
      }
    },
  }
}
export type RemoteCleanup = ReturnType<typeof createRemoteCleanup>
