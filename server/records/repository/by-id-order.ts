import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'

/** A partner's records in the order of their ids, which never changes. @param after the last one seen */
export async function recordsAfter(
  collections: Pick<Collections, 'leads' | 'deals'>,
  kind: RecordKind,
  partnerId: ObjectId,
  { after, limit }: { after: ObjectId | null; limit: number },
): Promise<AnyRecord[]> {
  return await recordsOf(collections, kind)
    .find({ partner_id: partnerId, ...(after ? { _id: { $gt: after } } : {}) })
    .sort({ _id: 1 })
    .limit(limit)
    .hint('by_id')
    .toArray()
}
