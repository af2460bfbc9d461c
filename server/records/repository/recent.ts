import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'

/** The linked records of a portal that changed last, newest first. */
export async function recentlyChanged(
  collections: Pick<Collections, 'leads' | 'deals'>,
  kind: RecordKind,
  partnerId: ObjectId,
  portalId: string,
  limit: number,
): Promise<Pick<AnyRecord, 'hubspot_id' | 'remote'>[]> {
  return await recordsOf(collections, kind)
    .find(
      {
        partner_id: partnerId,
        portal_id: portalId,
        archived_at: null,
        hubspot_id: { $gt: '' },
      },
      { projection: { hubspot_id: 1, remote: 1 } },
    )
    .sort({ updated_at: -1, _id: -1 })
    .limit(limit)
    .hint('newest_first')
    .toArray()
}
