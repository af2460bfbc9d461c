import type { AnyBulkWriteOperation, ObjectId } from 'mongodb'
import { refusedWrites } from '../../database/bulk-errors'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'

/** A new record, or fields to set on the version that was read; `key` names it in the answer */
export type RecordWrite = { key: string } & (
  { insert: AnyRecord } | { update: { _id: ObjectId; version: number; set: Partial<AnyRecord> } }
)

/**
 * Writes many records in one unordered bulk. An update applies only to the version that was read.
 * @param writes `set.version` of an update is the version after it
 * @returns the keys of writes that had no effect because another one came first (`again`), and of
 *   those that failed for good
 */
export async function writeRecords(
  collections: Pick<Collections, 'leads' | 'deals'>,
  kind: RecordKind,
  writes: readonly RecordWrite[],
): Promise<{ again: string[]; failed: string[] }> {
  if (writes.length === 0) return { again: [], failed: [] }
  const records = recordsOf(collections, kind)
  const again: string[] = []
  const failed: string[] = []
  let matched: number
  try {
    const result = await records.bulkWrite(writes.map(operationOf), { ordered: false })
    matched = result.matchedCount
  } catch (error) {
    const { refused, matchedCount } = refusedWrites(error)
    matched = matchedCount
    for (const one of refused) {
      const key = writes[one.index]?.key
      if (key !== undefined) (one.code === 11000 ? again : failed).push(key)
    }
  }
  const settled = new Set([...again, ...failed])
  const updates = writes.flatMap(write =>
    'update' in write && !settled.has(write.key) ? [{ key: write.key, ...write.update }] : [],
  )
  if (matched >= updates.length) return { again, failed }
  // Updates whose record is not at the version they would have made.
  const versions = new Map<string, number>()
  const ids = updates.map(update => update._id)
  for (const record of await records
    .find({ _id: { $in: ids } }, { projection: { version: 1 } })
    .toArray())
    versions.set(record._id.toHexString(), record.version)
  for (const { key, _id, version } of updates)
    if (versions.get(_id.toHexString()) !== version + 1) again.push(key)
  return { again, failed }
}

function operationOf(write: RecordWrite): AnyBulkWriteOperation<AnyRecord> {
  if ('insert' in write) return { insertOne: { document: write.insert } }
  const { _id, version, set } = write.update
  return { updateOne: { filter: { _id, version }, update: { $set: set } } }
}
