import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { PartnerDocument, ServiceKeyDocument } from '../../database/documents'

/** How many live keys one partner can have; a list shows them all */
export const mostKeys = 50
/** `lastUsedAt` is told to the minute */
const lastUsedStepMs = 60 * 1000

/** Every MongoDB operator on service keys. */
export function createServiceKeysRepository({
  serviceKeys,
  partners,
}: Pick<Collections, 'serviceKeys' | 'partners'>) {
  return {
    list: (partnerId: ObjectId): Promise<ServiceKeyDocument[]> =>
      serviceKeys
        .find({ partner_id: partnerId, revoked_at: null })
        .sort({ _id: -1 })
        .limit(mostKeys)
        .toArray(),

    count: (partnerId: ObjectId): Promise<number> =>
      serviceKeys.countDocuments({ partner_id: partnerId, revoked_at: null }, { limit: mostKeys }),

    async insert(key: ServiceKeyDocument): Promise<void> {
      await serviceKeys.insertOne(key)
    },

    /** @returns whether there was such a live one */
    async revoke(partnerId: ObjectId, id: ObjectId, now: Date): Promise<ServiceKeyDocument | null> {
      return await serviceKeys.findOneAndUpdate(
        { _id: id, partner_id: partnerId, revoked_at: null },
        { $set: { revoked_at: now } },
        { returnDocument: 'after' },
      )
    },

    byHash: (hash: string): Promise<ServiceKeyDocument | null> =>
      serviceKeys.findOne({ key_hash: hash }),

    partner: (id: ObjectId): Promise<Pick<PartnerDocument, '_id' | 'name'> | null> =>
      partners.findOne({ _id: id }, { projection: { name: 1 } }),

    async used({ _id, last_used_at }: ServiceKeyDocument, now: Date): Promise<void> {
      if (last_used_at && now.getTime() - last_used_at.getTime() < lastUsedStepMs) return
      await serviceKeys.updateOne({ _id }, { $max: { last_used_at: now } })
    },
  }
}
export type ServiceKeysRepository = ReturnType<typeof createServiceKeysRepository>
