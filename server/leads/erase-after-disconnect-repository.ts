import type { Collection, Document, Filter, ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import { isOwning } from '../connection/integration'
import type { Collections } from '../database/collections'

const batchSize = 500

export interface EraseRepositoryDeps {
  collections: Pick<Collections, 'partners' | 'leads' | 'deals' | 'runResults' | 'webhookEvents'>
  clock: Clock
}

/** Deletes a partner's data from HubSpot, some hundred documents at a time. */
export function createEraseRepository({ collections, clock }: EraseRepositoryDeps) {
  const { partners, leads, deals, runResults, webhookEvents } = collections

  /** @returns ids of documents to delete next */
  async function next<D extends Document>(
    collection: Collection<D>,
    filter: Filter<D>,
    hint: string,
  ): Promise<D['_id'][]> {
    const found = await collection
      .find(filter, { projection: { _id: 1 } })
      .limit(batchSize)
      .hint(hint)
      .toArray()
    return found.map(document => document._id as D['_id'])
  }

  async function remove<D extends Document>(
    collection: Collection<D>,
    filter: Filter<D>,
    ids: D['_id'][],
  ): Promise<number | null> {
    if (ids.length === 0) return null
    return (await collection.deleteMany({ ...filter, _id: { $in: ids } })).deletedCount
  }

  const imported = (partnerId: ObjectId) => ({
    partner_id: partnerId,
    portal_id: { $gt: '' },
    hubspot_id: { $gt: '' },
  })

  return {
    async isConnected(partnerId: ObjectId): Promise<boolean> {
      const partner = await partners.findOne(
        { _id: partnerId },
        { projection: { 'hubspot_integration.status': 1 } },
      )
      return isOwning(partner?.hubspot_integration ?? null)
    },

    /** Each deletes one batch. @returns how many; `null` when none is left */
    batches: {
      async webhookEvents(partnerId: ObjectId): Promise<number | null> {
        const filter = { partner_id: partnerId }
        return await remove(webhookEvents, filter, await next(webhookEvents, filter, 'by_object'))
      },
      async runResults(partnerId: ObjectId): Promise<number | null> {
        const filter = { partner_id: partnerId }
        return await remove(runResults, filter, await next(runResults, filter, 'by_outcome'))
      },
      async deals(partnerId: ObjectId): Promise<number | null> {
        const filter = imported(partnerId)
        return await remove(deals, filter, await next(deals, filter, 'one_record_per_hubspot_id'))
      },
      async leads(partnerId: ObjectId): Promise<number | null> {
        const filter = imported(partnerId)
        const ids = await next(leads, filter, 'one_record_per_hubspot_id')
        // Deals that were made here stay, without these leads.
        if (ids.length > 0)
          await deals.updateMany(
            { partner_id: partnerId, lead_ids: { $in: ids } },
            { $pullAll: { lead_ids: ids }, $set: { updated_at: clock() }, $inc: { version: 1 } },
          )
        return await remove(leads, filter, ids)
      },
    },
  }
}
