import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { AnyRecord, DocumentOf, HistoryEntryDocument, KindName } from '../database/documents'
import { recordsOf, type RecordKind } from '../records/kinds'
import { followAlias, presentIds } from '../records/repository/aliases'
import { notParted } from '../records/repository/linked'
import { isParted } from '../records/sync-state'
import { partnerLink } from './partner-link-repository'

/** What pages and partners' scripts read of records, and the new ones they store. */
export function createLeadsRepository(
  collections: Pick<Collections, 'leads' | 'deals' | 'partners' | 'recordAliases'>,
) {
  const { leads, partners } = collections

  return {
    /** An id whose record went into another one leads there. */
    async find<K extends KindName>(
      kind: RecordKind<K>,
      partnerId: ObjectId,
      id: ObjectId,
    ): Promise<DocumentOf<K> | null> {
      return await followAlias(collections, partnerId, id, _id =>
        recordsOf(collections, kind).findOne<DocumentOf<K>>({ _id, partner_id: partnerId }),
      )
    },

    /** @throws a duplicate key error of the driver: another lead has this e-mail address */
    async insert(kind: RecordKind, record: AnyRecord): Promise<void> {
      await recordsOf(collections, kind).insertOne(record)
    },

    async historyOf(
      kind: RecordKind,
      partnerId: ObjectId,
      id: ObjectId,
    ): Promise<
      (Pick<AnyRecord, '_id' | 'created_at'> & { history?: HistoryEntryDocument[] }) | null
    > {
      return await followAlias(collections, partnerId, id, _id =>
        recordsOf(collections, kind).findOne(
          { _id, partner_id: partnerId },
          { projection: { history: 1, created_at: 1 } },
        ),
      )
    },

    /** Up to two leads with this e-mail address, without those whose contact is gone. */
    async idsOfEmail(partnerId: ObjectId, email: string): Promise<ObjectId[]> {
      const found = await leads
        .find(
          { partner_id: partnerId, 'values.email': email, ...notParted },
          { projection: { _id: 1 } },
        )
        .limit(2)
        .toArray()
      return found.map(lead => lead._id)
    },

    /** @returns of the leads with this e-mail address whose contact is gone the one changed last */
    async partedOfEmail(partnerId: ObjectId, email: string): Promise<ObjectId | null> {
      const found = await leads
        .find(
          { partner_id: partnerId, 'values.email': email },
          { projection: { updated_at: 1, archived_at: 1, detached_at: 1 } },
        )
        .toArray()
      const [latest] = found
        .filter(isParted)
        .sort((one, other) => other.updated_at.getTime() - one.updated_at.getTime())
      return latest?._id ?? null
    },

    /** Ids as they are now: of leads that went into others, those of the others. */
    presentIds: (partnerId: ObjectId, ids: readonly ObjectId[]) =>
      presentIds(collections, partnerId, ids),

    async countLeads(partnerId: ObjectId, ids: readonly ObjectId[]): Promise<number> {
      const filter = { partner_id: partnerId, _id: { $in: [...ids] } }
      return await leads.countDocuments(filter, { hint: '_id_' })
    },

    /** Whether local changes of this partner are to reach HubSpot. */
    async isWritingBack(partnerId: ObjectId): Promise<boolean> {
      return (await partnerLink({ partners }, partnerId)).isWritingBack
    },
  }
}
export type LeadsRepository = ReturnType<typeof createLeadsRepository>
