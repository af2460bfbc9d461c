import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { DocumentOf, KindName, SendingDocument, StoredFailure } from '../../database/documents'
import { hasAssociations, recordsOf, type RecordKind } from '../kinds'
import type { Outside } from '../scope'
import { inSync, outOfScope, refused, stateUpdate, triedAgain } from '../sync-state'

/** What the outbox of one kind of record reads and stores: which records wait to be written. */
export function createOutboxRepository<K extends KindName>(
  { collections, clock }: { collections: Collections; clock: Clock },
  kind: RecordKind<K>,
) {
  const records = recordsOf(collections, kind)
  const isDue = () => ({ dirty: true, 'sync.next_try_at': { $not: { $gt: clock() } } })

  /** These records are not to be claimed before an instant. */
  async function postpone(
    partnerId: ObjectId,
    ids: readonly ObjectId[],
    nextTryAt: Date,
  ): Promise<void> {
    if (ids.length === 0) return
    await records.updateMany(
      { partner_id: partnerId, _id: { $in: [...ids] } },
      { $set: stateUpdate({ next_try_at: nextTryAt }) },
    )
  }

  return {
    postpone,

    /** Whether something waits to be written now. */
    async hasDirty(partnerId: ObjectId): Promise<boolean> {
      const filter = { partner_id: partnerId, ...isDue() }
      const found = await records.findOne(filter, { projection: { _id: 1 }, hint: 'outbox' })
      return found !== null
    },

    /**
     * Dirty records that are linked to this portal or to none yet; not the archived ones; not
     * before their next try.
     */
    async findDirty(
      partnerId: ObjectId,
      { portalId, limit }: { portalId: string; limit: number },
    ): Promise<DocumentOf<K>[]> {
      return await records
        .find<DocumentOf<K>>({
          partner_id: partnerId,
          ...isDue(),
          portal_id: { $in: [null, portalId] },
          archived_at: null,
        })
        .sort({ 'sync.next_try_at': 1 })
        .limit(limit)
        .hint('outbox')
        .toArray()
    },

    /**
     * Nothing of this record is left to write, unless it changed since it was read. Associations
     * that are left wait for a lead that HubSpot archived.
     */
    async settleInSync(partnerId: ObjectId, record: DocumentOf<K>): Promise<void> {
      const { _id, version } = record
      const isStuck = hasAssociations(record) && record.associations_dirty
      await records.updateOne(
        { _id, partner_id: partnerId, version },
        {
          $set: { ...stateUpdate(inSync), ...(isStuck ? { associations_stuck: true } : {}) },
          $inc: { version: 1 },
        },
      )
    },

    /** This record is not to be written: it is outside of what is synced. Not if it changed since. */
    async leaveOut(
      partnerId: ObjectId,
      { _id, revision }: Pick<DocumentOf<K>, '_id' | 'revision'>,
      outside: Outside,
    ): Promise<void> {
      const { rule, message } = outside
      await records.updateOne(
        { _id, partner_id: partnerId, revision },
        { $set: stateUpdate(outOfScope({ rule, message, since: clock() })), $inc: { version: 1 } },
      )
    },

    /**
     * Records a write that failed, on the record itself. A record edited since `revision` is left
     * as it is: it is tried again.
     * @param failed.revision the revision that was claimed
     * @param failed.retryAt when to try again; `null`: not before one of the sides changes
     * @param failed.isUnclear HubSpot may have taken it: what comes back of it is no news
     */
    async markFailed(
      partnerId: ObjectId,
      id: ObjectId,
      failed: { revision: number; error: StoredFailure; retryAt: Date | null; isUnclear?: boolean },
    ): Promise<void> {
      await records.updateOne(
        { _id: id, partner_id: partnerId, revision: failed.revision },
        {
          $set: {
            ...stateUpdate(refused(failed.error, failed.retryAt)),
            ...(failed.isUnclear ? {} : { sending: null }),
          },
          $inc: { 'sync.attempts': 1, version: 1 },
        },
      )
    },

    /** Failed writes are to be tried again at once. @param ids `null`: all. @returns how many */
    async retryFailed(partnerId: ObjectId, ids: readonly ObjectId[] | null): Promise<number> {
      const { modifiedCount } = await records.updateMany(
        {
          partner_id: partnerId,
          dirty: true,
          archived_at: null,
          'sync.state': 'failed',
          ...(ids ? { _id: { $in: [...ids] } } : {}),
        },
        { $set: stateUpdate(triedAgain), $inc: { version: 1 } },
        { hint: ids ? '_id_' : 'outbox' },
      )
      return modifiedCount
    },

    /** Write-back was turned on: new records that waited for it show as pending. */
    async openOutbox(partnerId: ObjectId): Promise<void> {
      await records.updateMany(
        {
          partner_id: partnerId,
          dirty: true,
          hubspot_id: null,
          archived_at: null,
          'sync.state': 'unlinked',
        },
        { $set: stateUpdate({ state: 'pending' }), $inc: { version: 1 } },
        { hint: 'outbox' },
      )
    },

    /**
     * Stores, before a create is sent, the id it is sent under: after a crash the object is looked
     * up before anything is tried again.
     * @param sending what is sent: the object is looked up by it, whatever was edited since
     * @returns `false` when the record has its HubSpot object already: nothing may be created
     */
    async setCreateIntent(
      partnerId: ObjectId,
      id: ObjectId,
      intentId: string,
      sending: { sent: Record<string, string>; contacts: string[] },
    ): Promise<boolean> {
      const { matchedCount } = await records.updateOne(
        { _id: id, partner_id: partnerId, hubspot_id: null },
        {
          $set: { create_intent: { id: intentId, at: clock(), ...sending } },
          $inc: { version: 1 },
        },
      )
      return matchedCount === 1
    },

    /** Stores when it was first seen that nobody knows whether a create happened. */
    async markIntentUnclear(
      partnerId: ObjectId,
      id: ObjectId,
      intentId: string,
      at: Date,
    ): Promise<void> {
      await records.updateOne(
        { _id: id, partner_id: partnerId, 'create_intent.id': intentId },
        { $set: { 'create_intent.unclear_at': at }, $inc: { version: 1 } },
      )
    },

    /**
     * Stores, before updates are sent, what of them will come back from HubSpot.
     * @returns ids of records that are not that object's any more: another record took them over,
     *   or their object was merged. Nothing of these may be sent
     */
    async setSending(
      partnerId: ObjectId,
      updates: readonly { id: ObjectId; hubspotId: string; sending: SendingDocument }[],
    ): Promise<string[]> {
      if (updates.length === 0) return []
      const { matchedCount } = await records.bulkWrite(
        updates.map(({ id, hubspotId, sending }) => ({
          updateOne: {
            filter: { _id: id, partner_id: partnerId, hubspot_id: hubspotId },
            update: { $set: { sending }, $inc: { version: 1 } },
          },
        })),
        { ordered: false },
      )
      if (matchedCount === updates.length) return []
      const known = await records
        .find(
          { _id: { $in: updates.map(({ id }) => id) }, partner_id: partnerId },
          { projection: { hubspot_id: 1 }, hint: '_id_' },
        )
        .toArray()
      const linked = new Map(known.map(({ _id, hubspot_id }) => [_id.toHexString(), hubspot_id]))
      return updates.flatMap(({ id, hubspotId }) =>
        linked.get(id.toHexString()) === hubspotId ? [] : [id.toHexString()],
      )
    },

    /** HubSpot refused the create: it surely has no such object, and none needs to be looked for. */
    async forgetCreateIntent(partnerId: ObjectId, id: ObjectId): Promise<void> {
      await records.updateOne(
        { _id: id, partner_id: partnerId },
        { $set: { create_intent: null }, $inc: { version: 1 } },
      )
    },
  }
}
