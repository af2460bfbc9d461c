import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'
import { survivorsOf } from './aliases'

/**
 * Records of a partner.
 * @returns by the text of the ids that were asked for: one whose record went into another one leads
 *   there
 */
export async function findByIds<K extends KindName>(
  collections: Pick<Collections, 'leads' | 'deals' | 'recordAliases'>,
  kind: RecordKind<K>,
  partnerId: ObjectId,
  ids: readonly ObjectId[],
): Promise<Map<string, DocumentOf<K>>> {
  const find = async (wanted: readonly ObjectId[]) => {
    if (wanted.length === 0) return new Map<string, DocumentOf<K>>()
    const found = await recordsOf(collections, kind)
      .find<DocumentOf<K>>({ partner_id: partnerId, _id: { $in: [...wanted] } })
      .hint('_id_')
      .toArray()
    return new Map(found.map(record => [record._id.toHexString(), record]))
  }
  const records = await find(ids)
  const missing = ids.filter(id => !records.has(id.toHexString()))
  const survivors = await survivorsOf(collections, partnerId, missing)
  const others = await find([...survivors.values()])
  for (const [id, survivor] of survivors) {
    const record = others.get(survivor.toHexString())
    if (record) records.set(id, record)
  }
  return records
}
