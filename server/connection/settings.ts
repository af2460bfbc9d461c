import type { ObjectId } from 'mongodb'
import type { SettingsPatch } from '#shared/contracts/connection'
import type { Clock } from '../config/clock'
import type { Actor, AuditLog } from '../database/audit'
import { NotConnected } from './errors'
import type { Integration } from './integration'
import type { IntegrationRepository } from './repository'

/** What an admin switches on a connection. */
export function createSettings({
  integrations,
  audit,
  clock,
}: {
  integrations: IntegrationRepository
  audit: AuditLog
  clock: Clock
}) {
  const pauseOf = (paused: boolean, reason: string | undefined, actor: Actor) => ({
    paused,
    paused_by:
      paused && actor.user_id !== null && actor.email !== null
        ? { user_id: actor.user_id, email: actor.email }
        : null,
    paused_at: paused ? clock() : null,
    pause_reason: (paused && reason) || null,
  })

  /** @throws {NotConnected} */
  async function update(
    partnerId: ObjectId,
    patch: SettingsPatch,
    actor: Actor,
  ): Promise<Integration> {
    const integration = await integrations.changeSettings(partnerId, {
      ...(patch.writeBack === undefined ? {} : { write_back: patch.writeBack }),
      ...(patch.paused === undefined ? {} : pauseOf(patch.paused, patch.pauseReason, actor)),
      // What waited during the pause is due at once.
      ...(patch.paused === false ? { next_sync_at: clock(), waits_for_scope: false } : {}),
    })
    if (!integration) throw new NotConnected()
    await audit.record({
      partnerId,
      actor,
      action: 'hubspot.settings',
      details: {
        writeBack: patch.writeBack ?? null,
        paused: patch.paused ?? null,
        ...(patch.paused && patch.pauseReason ? { pauseReason: patch.pauseReason } : {}),
      },
    })
    return integration
  }

  return {
    update,

    /** What is synced was chosen: an account that waited for it is read from now on. */
    async scopeChosen(partnerId: ObjectId, actor: Actor): Promise<void> {
      const integration = await integrations.read(partnerId)
      if (integration?.paused && integration.waits_for_scope)
        await update(partnerId, { paused: false }, actor)
    },
  }
}
