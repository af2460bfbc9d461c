import { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type {
  AnyRecord,
  DeletedRecordDocument,
  KindName,
  OperationDocument,
} from '../database/documents'
import { recordsOf, type RecordKind } from '../records/kinds'

/** Where a record names what changed it or brought it here, and the index of that */
const causes = {
  changed: { field: 'history.cause', index: 'by_cause' },
  imported: { field: 'imported_by', index: 'by_import' },
} as const

/** What an undo reads, removes and puts back. */
export function createUndoRepository(collections: Collections) {
  const { deals, deletedRecords } = collections

  return {
    /**
     * Records that a run or operation changed, or that a run brought here from HubSpot, by their
     * ids.
     */
    async touchedBy(
      kind: RecordKind,
      partnerId: ObjectId,
      how: 'changed' | 'imported',
      cause: ObjectId,
      { after, limit }: { after: ObjectId | null; limit: number },
    ): Promise<AnyRecord[]> {
      const { field, index } = causes[how]
      return await recordsOf(collections, kind)
        .find({ partner_id: partnerId, [field]: cause, ...(after ? { _id: { $gt: after } } : {}) })
        .sort({ _id: 1 })
        .limit(limit)
        .hint(index)
        .toArray()
    },

    /** Records that an operation removed, by their ids. */
    async removedBy(
      object: KindName,
      partnerId: ObjectId,
      cause: ObjectId,
      { after, limit }: { after: ObjectId | null; limit: number },
    ): Promise<DeletedRecordDocument[]> {
      return await deletedRecords
        .find({
          partner_id: partnerId,
          cause,
          object,
          ...(after ? { record_id: { $gt: after } } : {}),
        })
        .sort({ record_id: 1 })
        .limit(limit)
        .hint('by_cause')
        .toArray()
    },

    /** Keeps a record that is about to be removed. Once for each operation. */
    async keep(
      kind: RecordKind,
      record: AnyRecord,
      { _id: cause, expires_at: expiresAt }: Pick<OperationDocument, '_id' | 'expires_at'>,
      isDismissed = false,
    ): Promise<void> {
      await deletedRecords.updateOne(
        { partner_id: record.partner_id, cause, object: kind.name, record_id: record._id },
        {
          $setOnInsert: {
            _id: new ObjectId(),
            hubspot_id: record.hubspot_id,
            document: record,
            ...(isDismissed ? { dismissed: true as const } : {}),
            expires_at: expiresAt,
          },
        },
        { upsert: true },
      )
    },

    /** @returns whether the record was there */
    async remove(kind: RecordKind, record: AnyRecord, now: Date): Promise<boolean> {
      const { partner_id, _id } = record
      if (kind.name === 'lead')
        await deals.updateMany(
          { partner_id, lead_ids: _id },
          { $pull: { lead_ids: _id }, $set: { updated_at: now }, $inc: { version: 1 } },
        )
      return (await recordsOf(collections, kind).deleteOne({ _id, partner_id })).deletedCount === 1
    },

    /** @throws a duplicate key error of the driver: its id or e-mail address is taken */
    async putBack(kind: RecordKind, record: AnyRecord): Promise<void> {
      await recordsOf(collections, kind).insertOne(record)
    },

    async prune(now: Date): Promise<void> {
      await deletedRecords.deleteMany({ expires_at: { $lte: now } }, { hint: 'expiry' })
    },
  }
}
export type UndoRepository = ReturnType<typeof createUndoRepository>
