import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'

/** Records of a partner, by the text of their ids. */
export async function findByIds<K extends KindName>(
  collections: Pick<Collections, 'leads' | 'deals'>,
  kind: RecordKind<K>,
  partnerId: ObjectId,
  ids: readonly ObjectId[],
): Promise<Map<string, DocumentOf<K>>> {
  if (ids.length === 0) return new Map()
  const found = await recordsOf(collections, kind)
    .find<DocumentOf<K>>({ partner_id: partnerId, _id: { $in: [...ids] } })
    .hint('_id_')
    .toArray()
  return new Map(found.map(record => [record._id.toHexString(), record]))
}
