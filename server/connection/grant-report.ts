import type { ObjectId } from 'mongodb'
import type { Actor, AuditLog } from '../database/audit'
import type { Log } from '../observability/log'
import type { AcceptanceResult } from './grant-acceptance'
import type { ConnectionHooks } from './hooks'

/** Tells the log, the audit log and whoever listens what became of a grant. */
export function createGrantReport({
  audit,
  hooks,
  log,
}: {
  audit: AuditLog
  hooks: ConnectionHooks
  log: Log
}) {
  return async (
    partnerId: ObjectId,
    actor: Actor,
    result: Exclude<AcceptanceResult, { ok: 'asks' }>,
  ): Promise<void> => {
    if (!result.ok) {
      await audit.record({
        partnerId,
        actor,
        action: 'hubspot.connect',
        outcome: 'failed',
        details: {
          code: result.code,
          portalId: result.code === 'portal_in_use' ? null : result.portalId,
        },
      })
      return
    }
    const { portalId, previousPortalId } = result
    log.info(
      { event: 'hubspot_connected', partnerId: partnerId.toHexString(), portalId },
      'A partner connected HubSpot',
    )
    await audit.record({
      partnerId,
      actor,
      action: 'hubspot.connect',
      details: { portalId, previousPortalId },
    })
    if (previousPortalId !== null) await hooks.disconnected(partnerId, previousPortalId)
    await hooks.connected(partnerId, portalId)
  }
}
export type GrantReport = ReturnType<typeof createGrantReport>
