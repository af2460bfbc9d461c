import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { SignedIn } from '../accounts/sessions'
import { hubspotActor, userActor, type Actor, type AuditLog } from '../database/audit'
import { EnvelopeError } from '../database/encryption'
import { NotFound } from '../errors'
import { failure, successOf } from './callback'
import type { AcceptanceResult, GrantAcceptance } from './grant-acceptance'
import type { GrantReport } from './grant-report'
import type { RemoteCleanup } from './remote-cleanup'
import type { IntegrationRepository } from './repository'
import { pendingGrantMs, type CompleteGrant, type PendingGrant, type Vault } from './vault'

export interface PendingGrantsDeps {
  integrations: IntegrationRepository
  vault: Vault
  cleanup: RemoteCleanup
  grantAcceptance: Pick<GrantAcceptance, 'acceptParked'>
  report: GrantReport
  audit: AuditLog
  clock: Clock
}

/** An attempt to connect is over by then, ms */
const replacedAfterMs = 2 * pendingGrantMs

/**
 * Grants that wait for an admin's word, and what becomes of those that are not
 * wanted.
 */
export function createPendingGrants({
  integrations,
  vault,
  cleanup,
  grantAcceptance,
  report,
  audit,
  clock,
}: PendingGrantsDeps) {
  /** @returns the grant; `null` where the key that sealed it is gone */
  function unparked(partnerId: ObjectId, pending: PendingGrant): CompleteGrant | null {
    try {
      return vault.unpark(partnerId, pending)
    } catch (error) {
      if (error instanceof EnvelopeError) return null
      throw error
    }
  }

  /** Uninstalled again, unless some partner uses that portal: an uninstall would end that grant. */
  async function giveBack(
    partnerId: ObjectId,
    pending: PendingGrant,
    actor: Actor,
    correlationId: string | null = null,
  ): Promise<void> {
    const record = (outcome: 'ok' | 'failed', isUsed: boolean) =>
      audit.record({
        partnerId,
        actor,
        action: 'hubspot.pending_grant_returned',
        outcome,
        details: { portalId: pending.portal_id, isUsed },
        correlationId,
      })
    if (await integrations.portalInUse(pending.portal_id)) return await record('ok', true)
    const grant = unparked(partnerId, pending)
    if (grant === null) {
      await cleanup.tellItStays(partnerId, pending.portal_id)
      return await record('failed', false)
    }
    const { uninstalled, finished } = await cleanup.undo(
      pending.portal_id,
      pending.expires_at > clock() ? grant.accessToken : null,
      grant.refreshToken,
    )
    if (!finished) await cleanup.leave(partnerId, grant)
    await record(uninstalled ? 'ok' : 'failed', false)
  }

  return {
    /** Not confirmed in time. @param limit partners in one go */
    async returnExpired(limit: number): Promise<void> {
      for (let count = 0; count < limit; count++) {
        const expired = await integrations.takeExpiredPendingGrant(clock())
        if (!expired) return
        await giveBack(expired.partnerId, expired.pending, hubspotActor)
      }
    },

    /**
     * The admin has seen the account named and says yes.
     * @returns where to go: HubSpot's page where the install began, or our settings
     * @throws {NotFound} when no grant of this account waits (any more)
     */
    async accept(partnerId: ObjectId, portalId: string, by: SignedIn): Promise<string> {
      const pending = await integrations.takePendingGrant(partnerId, portalId)
      if (!pending) throw new NotFound('An account that waits to be confirmed')
      if (pending.until <= clock()) {
        await giveBack(partnerId, pending, userActor(by))
        throw new NotFound('An account that waits to be confirmed')
      }
      const grant = unparked(partnerId, pending)
      if (grant === null) await cleanup.tellItStays(partnerId, portalId)
      const user = { userId: by.user.id, email: by.user.email }
      const result: AcceptanceResult = grant
        ? await grantAcceptance.acceptParked(partnerId, grant, user, pending.choose_scope === true)
        : { ok: false, code: 'token_exchange_failed', portalId }
      if (result.ok === 'asks') throw new Error('A confirmed grant was put aside again')
      await report(partnerId, userActor(by), result)
      return result.ok ? (pending.return_url ?? successOf(pending)) : failure(result.code)
    },

    /**
     * A new authorization takes the place of the grant that waits. That one is ended unless this brings
     * its account again. @returns it
     */
    async replace(partnerId: ObjectId): Promise<PendingGrant | null> {
      const pending = await integrations.takePendingGrant(partnerId)
      if (pending) await cleanup.leavePending(partnerId, pending, replacedAfterMs)
      return pending
    },

    /** The admin keeps the account there was. Nothing waits: nothing happens. */
    async decline(partnerId: ObjectId, actor: Actor, correlationId: string | null): Promise<void> {
      const pending = await integrations.takePendingGrant(partnerId)
      if (pending) await giveBack(partnerId, pending, actor, correlationId)
    },
  }
}
export type PendingGrants = ReturnType<typeof createPendingGrants>
