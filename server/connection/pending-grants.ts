import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { hubspotActor, type Actor, type AuditLog } from '../database/audit'
import type { HubspotIntegrationDocument } from '../database/documents'
import { EnvelopeError } from '../database/encryption'
import type { RemoteCleanup } from './remote-cleanup'
import type { IntegrationRepository } from './repository'
import type { Vault } from './vault'

type Pending = NonNullable<HubspotIntegrationDocument['pending_grant']>

export interface PendingGrantsDeps {
  integrations: IntegrationRepository
  vault: Vault
  cleanup: RemoteCleanup
  audit: AuditLog
  clock: Clock
}

/**
 * Grants of another portal that wait for an admin's word, and what becomes of those that are not
 * wanted.
 */
export function createPendingGrants({
  integrations,
  vault,
  cleanup,
  audit,
  clock,
}: PendingGrantsDeps) {
  /** Uninstalled again, unless some partner uses that portal: an uninstall would end that grant. */
  async function giveBack(
    partnerId: ObjectId,
    pending: Pending,
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
    if (await integrations.portalOwned(pending.portal_id, null)) return await record('ok', true)
    try {
      const access = vault.open(partnerId, 'pending_grant.access_token', pending.access_token)
      const refreshToken =
        pending.refresh_token === null
          ? null
          : vault.open(partnerId, 'pending_grant.refresh_token', pending.refresh_token)
      const { uninstalled } = await cleanup.undo(
        pending.portal_id,
        pending.expires_at > clock() ? access : null,
        refreshToken,
      )
      await record(uninstalled ? 'ok' : 'failed', false)
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error
      await record('failed', false)
    }
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

    /** The admin keeps the account there was. Nothing waits: nothing happens. */
    async decline(partnerId: ObjectId, actor: Actor, correlationId: string | null): Promise<void> {
      const pending = await integrations.takePendingGrant(partnerId)
      if (pending) await giveBack(partnerId, pending, actor, correlationId)
    },
  }
}
export type PendingGrants = ReturnType<typeof createPendingGrants>
