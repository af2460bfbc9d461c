import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { AnyRecord, DealDocument } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'
import { mayBeWritten, stateUpdate } from '../sync-state'
import { addAliases } from './aliases'
import type { PortalOfPartner } from './linked'
import { pushHistory } from './push-history'

type Records = Pick<Collections, 'leads' | 'deals' | 'recordAliases'>

/** What HubSpot's merge of two objects changes on our records. Each step can be repeated. */
export function createMergeRepository(collections: Records, clock: Clock) {
  const { deals } = collections

  return {
    /** Deals of the merged contacts become deals of the surviving one. */
    async replaceContacts(
      { partnerId, portalId }: PortalOfPartner,
      loserIds: readonly string[],
      winnerId: string,
    ): Promise<void> {
      const touched = await deals
        .find(
          {
            partner_id: partnerId,
            portal_id: portalId,
            hubspot_contact_ids: { $in: [...loserIds] },
          },
          { projection: { hubspot_contact_ids: 1 } },
        )
        .toArray()
      if (touched.length === 0) return
      const winner = (id: string) => (loserIds.includes(id) ? winnerId : id)
      await deals.bulkWrite(
        touched.map(deal => ({
          updateOne: {
            filter: { _id: deal._id },
            update: {
              $set: {
                hubspot_contact_ids: [...new Set(deal.hubspot_contact_ids.map(winner))].sort(),
                updated_at: clock(),
              },
              $inc: { version: 1 },
            },
          },
        })),
        { ordered: false },
      )
    },

    /**
     * A deal gets the associations of those merged into it. What waited to be written of them still
     * does.
     */
    async joinAssociations(keeper: DealDocument, others: readonly DealDocument[]): Promise<void> {
      const isPending = others.some(deal => deal.associations_dirty)
      await deals.updateOne(
        { _id: keeper._id },
        {
          $addToSet: {
            lead_ids: { $each: others.flatMap(deal => deal.lead_ids) },
            hubspot_contact_ids: { $each: others.flatMap(deal => deal.hubspot_contact_ids) },
          },
          ...(isPending
            ? {
                $set: {
                  associations_dirty: true,
                  associations_stuck: false,
                  ...stateUpdate({ dirty: mayBeWritten(keeper), next_try_at: null }),
                },
              }
            : {}),
          $inc: { version: 1 },
        },
      )
    },

    /** These went into the one that stays: their ids lead there. */
    async remove(
      kind: RecordKind,
      partnerId: ObjectId,
      records: readonly Pick<AnyRecord, '_id'>[],
      keeper: Pick<AnyRecord, '_id'>,
    ): Promise<void> {
      const alias = { partnerId, kind: kind.name, now: clock() }
      await addAliases(
        collections,
        alias,
        records.map(record => record._id),
        keeper._id,
      )
      await recordsOf(collections, kind).deleteMany({
        partner_id: partnerId,
        _id: { $in: records.map(record => record._id) },
      })
    },

    /**
     * Links the record with the surviving object, and adds the merge to its history.
     * @param survivedAt the object's modification instant, as far as it is known: what is older no
     *   longer counts, the object itself still does
     */
    async linkWith(
      kind: RecordKind,
      record: Pick<AnyRecord, '_id' | 'hubspot_id'>,
      winnerId: string,
      survivedAt: Date | null,
    ): Promise<void> {
      const before = survivedAt && new Date(survivedAt.getTime() - 1)
      const moved = {
        $set: {
          hubspot_id: winnerId,
          hubspot_modified_at: before,
          hubspot_seen_at: before,
          sending: null,
          archived_at: null,
          detached_at: null,
          updated_at: clock(),
        },
      }
      await recordsOf(collections, kind).updateOne(
        { _id: record._id },
        {
          ...(record.hubspot_id === winnerId ? {} : moved),
          $inc: { version: 1 },
          $push: pushHistory({ at: clock(), side: 'hubspot', kind: 'merged' }),
        },
      )
    },
  }
}
export type MergeRepository = ReturnType<typeof createMergeRepository>
