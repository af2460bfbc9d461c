import { randomUUID } from 'node:crypto'
import { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { erasureKeyPlace } from '../../database/encryption'
import { allKinds, recordsOf } from '../../records/kinds'

type Used = Pick<Collections, 'meta' | 'erasedContacts' | 'leads' | 'deals'>

/** What the list of erased people reads and writes, and what a restore has to mark. */
export function createErasureListRepository(collections: Used) {
  const { meta, erasedContacts, leads } = collections
  return {
    /** @returns the sealed key of the tombstones, `null` when nobody was erased yet */
    async sealedKey(): Promise<string | null> {
      const stored = await meta.findOne({ _id: erasureKeyPlace.field })
      return typeof stored?.envelope === 'string' ? stored.envelope : null
    },

    async storeSealedKey(envelope: string): Promise<void> {
      await meta.updateOne(
        { _id: erasureKeyPlace.field },
        { $setOnInsert: { envelope } },
        { upsert: true },
      )
    },

    async addTombstones(
      erased: readonly { mark: string; partnerId: string; at: string }[],
    ): Promise<void> {
      if (erased.length === 0) return
      await erasedContacts.bulkWrite(
        erased.map(({ mark, partnerId, at }) => ({
          updateOne: {
            filter: { _id: mark },
            update: { $setOnInsert: { partner_id: new ObjectId(partnerId), at: new Date(at) } },
            upsert: true,
          },
        })),
        { ordered: false },
      )
    },

    tombstones: () => erasedContacts.find().sort({ _id: 1 }),

    /** Leads of a partner that are linked, one after the other. */
    linkedLeads: (partnerId: ObjectId) =>
      leads
        .find(
          { partner_id: partnerId, portal_id: { $gt: '' }, hubspot_id: { $gt: '' } },
          { projection: { portal_id: 1, hubspot_id: 1 } },
        )
        .hint('one_record_per_hubspot_id'),

    /**
     * Marks records that are not linked as possibly created in HubSpot since they were made here:
     * before they are written, they are looked for there.
     * @returns how many
     */
    async markPossiblyCreated(): Promise<number> {
      let marked = 0
      for (const kind of allKinds) {
        const records = recordsOf(collections, kind)
        const waiting = { hubspot_id: null, dirty: true, create_intent: null }
        for await (const { _id, created_at: at } of records.find(waiting)) {
          const { modifiedCount } = await records.updateOne(
            { _id, ...waiting },
            { $set: { create_intent: { id: randomUUID(), at } }, $inc: { version: 1 } },
          )
          marked += modifiedCount
        }
      }
      return marked
    },
  }
}
