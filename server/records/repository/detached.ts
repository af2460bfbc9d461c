import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'
import { archivedInHubspot, stateUpdate } from '../sync-state'
import { ofPortal, type PortalOfPartner } from './linked'

type Records = Pick<Collections, 'leads' | 'deals'>

/** Records of other portals of the partner are in step with nothing from now on. */
export async function detachFormer(
  collections: Records,
  kind: RecordKind,
  { partnerId, portalId }: PortalOfPartner,
  now: Date,
): Promise<void> {
  await recordsOf(collections, kind).updateMany(
    {
      partner_id: partnerId,
      $or: [{ portal_id: { $lt: portalId } }, { portal_id: { $gt: portalId } }],
      hubspot_id: { $gt: '' },
      detached_at: null,
    },
    {
      $set: { detached_at: now, ...stateUpdate(archivedInHubspot), updated_at: now },
      $inc: { version: 1 },
    },
    { hint: 'one_record_per_hubspot_id' },
  )
}

/** Records of this portal that were detached from it, some at a time. */
export async function pageOfDetached<K extends KindName>(
  collections: Records,
  kind: RecordKind<K>,
  portal: PortalOfPartner,
  limit: number,
): Promise<DocumentOf<K>[]> {
  return await recordsOf(collections, kind)
    .find<DocumentOf<K>>({ ...ofPortal(portal), detached_at: { $type: 'date' } })
    .limit(limit)
    .hint('detached')
    .toArray()
}
