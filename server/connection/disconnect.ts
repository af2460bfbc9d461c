import type { ObjectId } from 'mongodb'
import type { Actor, AuditLog } from '../database/audit'
import { DomainError } from '../errors'
import { errorFields, type Log } from '../observability/log'
import type { Attempts } from './oauth-state'
import type { ConnectionHooks } from './hooks'
import type { Integration } from './integration'
import type { RemoteCleanup } from './remote-cleanup'
import type { IntegrationRepository } from './repository'
import type { OnStep } from './crash-points'
import type { Vault } from './vault'

export interface Disconnection {
  status: 'disconnected'
  /** What is left to do in HubSpot, in words; `null` when nothing is */
  remaining: string | null
}

const maxRounds = 10
const remainingText =
  'HubSpot could not be told to uninstall the app. It is tried again by itself for a day; to be sure, remove Partner Connector in HubSpot under Settings > Integrations > Connected apps.'

export interface DisconnectDeps {
  attempts: Pick<Attempts, 'voidOpen'>
  integrations: IntegrationRepository
  vault: Vault
  cleanup: RemoteCleanup
  hooks: ConnectionHooks
  audit: AuditLog
  log: Log
  onStep: OnStep
}

/**
 * Ends a connection: here at once and always, at HubSpot as far as it answers
 * (docs/architecture.md#disconnect).
 * Promise P5: always ends disconnected.
 */
export function createDisconnect({
  attempts,
  integrations,
  vault,
  cleanup,
  hooks,
  audit,
  log,
  onStep,
}: DisconnectDeps) {
  /** Commits the local end. @returns what was there, or `null` when it had ended before */
  async function end(partnerId: ObjectId) {
    for (let round = 0; round < maxRounds; round++) {
      const before = await integrations.read(partnerId)
      if (!before || before.status === 'disconnected')
        return { before, noted: before?.remote_cleanup ?? null, ended: false }
      const noted = await vault.endConnection(partnerId, before)
      if (noted !== false) return { before, noted, ended: true }
    }
    throw new DomainError('database_unavailable', 'The connection keeps changing. Try again.', {
      retryAfterSeconds: 1,
    })
  }

  /** A grant that was put aside, and an older clean-up whose place this one took. */
  async function leaveOthers(
    partnerId: ObjectId,
    before: Integration | null,
    portalId: string | null,
  ): Promise<void> {
    const older = before?.remote_cleanup
    if (older && portalId !== null && older.portal_id !== portalId)
      await cleanup.tellItStays(partnerId, older.portal_id)
    if (before?.pending_grant) await cleanup.leavePending(partnerId, before.pending_grant)
  }

  return {
    /** Idempotent; keeps leads, deals, links and mappings. */
    async disconnect(partnerId: ObjectId, actor: Actor): Promise<Disconnection> {
      await attempts.voidOpen(partnerId)
      const { before, noted, ended } = await end(partnerId)
      if (!ended)
        return { status: 'disconnected', remaining: noted === null ? null : remainingText }
      const portalId = before?.portal_id ?? null
      await onStep('grant_forgotten')
      await hooks.disconnected(partnerId, portalId)
      let uninstalled = noted === null
      try {
        if (noted !== null) {
          const result = await cleanup.attempt(partnerId, noted)
          uninstalled = result.uninstalled
          if (result.finished) await integrations.clearCleanup(partnerId, noted)
        }
      } catch (error) {
        log.warn(
          {
            event: 'remote_cleanup_postponed',
            partnerId: partnerId.toHexString(),
            ...errorFields(error),
          },
          'The clean-up at HubSpot is left to the background',
        )
      }
      await leaveOthers(partnerId, before, portalId)
      await integrations.freePortal(partnerId)
      log.info(
        {
          event: 'hubspot_disconnected',
          partnerId: partnerId.toHexString(),
          portalId,
          outcome: uninstalled ? 'uninstalled' : 'uninstall_pending',
        },
        'A partner disconnected HubSpot',
      )
      await audit.record({
        partnerId,
        actor,
        action: 'hubspot.disconnect',
        details: { portalId, uninstalled },
      })
      return { status: 'disconnected', remaining: uninstalled ? null : remainingText }
    },
  }
}
export type Disconnect = ReturnType<typeof createDisconnect>
