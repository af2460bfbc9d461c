import { ObjectId } from 'mongodb'
import { userActor, type AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { Clock } from '../config/clock'
import type { KindName } from '../database/documents'
import { NotFound } from '../errors'
import type { Editor } from '../records/history'
import { kinds } from '../records/kinds'
import { findByIds } from '../records/repository/by-ids'
import { createDismissed } from '../records/repository/dismissed'
import type { ArchiveInHubspot } from './archive-in-hubspot'
import { createUndoRepository } from './undo-repository'

export interface RemoveDeps {
  collections: Collections
  archiveInHubspot: ArchiveInHubspot
  audit: AuditLog
  clock: Clock
}

/**
 * Deletes one record: here only, then HubSpot's record stays and is not stored here again; or in
 * HubSpot as well, where it can be restored for 90 days.
 */
export function createRemove({ collections, archiveInHubspot, audit, clock }: RemoveDeps) {
  const repository = createUndoRepository(collections)
  const dismissed = createDismissed({ collections, clock })

  /** @throws {NotFound}; where HubSpot cannot be written to, with nothing deleted here */
  return async function remove(
    partnerId: ObjectId,
    object: KindName,
    id: string,
    { inHubspot, by }: { inHubspot: boolean; by: Editor },
  ): Promise<void> {
    const kind = kinds[object]
    const asked = new ObjectId(id)
    const record = (await findByIds(collections, kind, partnerId, [asked])).get(asked.toHexString())
    if (!record) throw new NotFound(kind.title)
    if (inHubspot) await archiveInHubspot(kind, record)
    else await dismissed.add(kind, record)
    await repository.remove(kind, record, clock())
    await audit.record({
      partnerId,
      actor: userActor({ user: by }),
      action: 'record.delete',
      details: { object, inHubspot },
    })
  }
}
