import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { KindName, SavedViewDocument } from '../database/documents'

/** One user has so many views at most. */
export const mostViews = 50
/** So many shared ones are shown, the oldest first. */
const mostShared = 500

export function createViewsRepository({ savedViews }: Pick<Collections, 'savedViews'>) {
  return {
    async own(partnerId: ObjectId, userId: ObjectId): Promise<SavedViewDocument[]> {
      return await savedViews
        .find({ partner_id: partnerId, user_id: userId })
        .hint('one_view_per_name')
        .toArray()
    },

    async shared(partnerId: ObjectId, object?: KindName): Promise<SavedViewDocument[]> {
      return await savedViews
        .find({ partner_id: partnerId, shared: true, ...(object ? { object } : {}) })
        .sort({ _id: 1 })
        .limit(mostShared)
        .hint('shared')
        .toArray()
    },

    /** @throws a duplicate key: the user has one of this name */
    async insert(view: SavedViewDocument): Promise<void> {
      await savedViews.insertOne(view)
    },

    /** @returns whether there was such a view of this user's */
    async remove(partnerId: ObjectId, userId: ObjectId, id: ObjectId): Promise<boolean> {
      const { deletedCount } = await savedViews.deleteOne(
        { _id: id, partner_id: partnerId, user_id: userId },
        { hint: '_id_' },
      )
      return deletedCount === 1
    },
  }
}
