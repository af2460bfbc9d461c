import type { ObjectId } from 'mongodb'
import type { SettingsPatch } from '#shared/contracts/connection'
import type { Clock } from '../config/clock'
import type { AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { AuditDocument } from '../database/documents'
import { NotConnected } from './errors'
import { owningStatuses, type Integration } from './integration'

/** What an admin switches on a connection. */
export function createSettings({
  collections,
  audit,
  clock,
}: {
  collections: Collections
  audit: AuditLog
  clock: Clock
}) {
  return {
    /** @throws {NotConnected} */
    async update(
      partnerId: ObjectId,
      patch: SettingsPatch,
      actor: AuditDocument['actor'],
    ): Promise<Integration> {
      const changes: Record<string, unknown> = {}
      if (patch.writeBack !== undefined) changes['hubspot_integration.write_back'] = patch.writeBack
      if (patch.paused !== undefined) changes['hubspot_integration.paused'] = patch.paused
      // What waited during the pause is due at once.
      if (patch.paused === false) changes['hubspot_integration.next_sync_at'] = clock()
      const filter = { _id: partnerId, 'hubspot_integration.status': { $in: [...owningStatuses] } }
      const partner =
        Object.keys(changes).length === 0
          ? await collections.partners.findOne(filter)
          : await collections.partners.findOneAndUpdate(
              filter,
              { $set: changes },
              { returnDocument: 'after' },
            )
      if (!partner?.hubspot_integration) throw new NotConnected()
      await audit.record({
        partnerId,
        actor,
        action: 'hubspot.settings',
        details: { writeBack: patch.writeBack ?? null, paused: patch.paused ?? null },
      })
      return partner.hubspot_integration
    },
  }
}
