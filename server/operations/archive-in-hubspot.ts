import type { ObjectId } from 'mongodb'
import type { AnyRecord } from '../database/documents'
import type { Crm } from '../hubspot/crm-types'
import { DomainError } from '../errors'
import { askHubspot } from '../mapping/hubspot-refusals'
import type { RecordKind } from '../records/kinds'
import { WriteBackOff } from '../sync/insight/retry'
import type { Permission } from '../sync/permission'

export interface ArchiveInHubspotDeps {
  permission: Pick<Permission, 'assertMaySync'>
  crmFor(partnerId: ObjectId): Pick<Crm, 'batchArchive'>
}

/**
 * Archives a record's object in HubSpot, where it can be restored. It can be asked for again.
 * Promise P12: nothing is written while write-back is off or sync is paused.
 */
export function createArchiveInHubspot({ permission, crmFor }: ArchiveInHubspotDeps) {
  /** @throws {NotConnected} {ReauthorizationRequired} {SyncPaused} {WriteBackOff} */
  return async function archiveInHubspot(
    kind: Pick<RecordKind, 'hubspotType'>,
    { partner_id, portal_id, hubspot_id, archived_at, sync }: AnyRecord,
  ): Promise<void> {
    if (hubspot_id === null || archived_at !== null) return
    if (sync.scope)
      throw new DomainError(
        'out_of_scope',
        'This record is outside of what is synced, so nothing of it is changed in HubSpot.',
      )
    const { portalId, isWritingBack } = await permission.assertMaySync(partner_id)
    // It belongs to an account that is not connected any more.
    if (portal_id !== portalId) return
    if (!isWritingBack) throw new WriteBackOff()
    await askHubspot(() => crmFor(partner_id).batchArchive(kind.hubspotType, [hubspot_id]))
  }
}
export type ArchiveInHubspot = ReturnType<typeof createArchiveInHubspot>
