import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { SyncScopeDocument } from '../database/documents'

type Stored = Pick<SyncScopeDocument, 'lead' | 'deal' | 'names'>
type ListRead = SyncScopeDocument['lists_read'][number]

const idOf = (partnerId: ObjectId, portalId: string) => `${partnerId.toHexString()}:${portalId}`

/** What a partner syncs of each portal. */
export function createScopeRepository(
  { syncScopes }: Pick<Collections, 'syncScopes'>,
  clock: Clock,
) {
  return {
    /** @returns `null` until a scope is stored: everything is synced */
    async find(partnerId: ObjectId, portalId: string): Promise<SyncScopeDocument | null> {
      return await syncScopes.findOne({ _id: idOf(partnerId, portalId) })
    },

    /** The scopes of all portals that the partner was connected with. */
    async ofPartner(partnerId: ObjectId): Promise<Pick<SyncScopeDocument, 'lead' | 'deal'>[]> {
      return await syncScopes
        .find({ partner_id: partnerId }, { projection: { lead: 1, deal: 1 } })
        .hint('by_partner')
        .toArray()
    },

    /** The last of two that are stored at once stays, and is applied. */
    async store(partnerId: ObjectId, portalId: string, scope: Stored): Promise<void> {
      await syncScopes.updateOne(
        { _id: idOf(partnerId, portalId) },
        {
          $set: { ...scope, lists_read: [], updated_at: clock() },
          $inc: { revision: 1 },
          $setOnInsert: { partner_id: partnerId, portal_id: portalId, applied_revision: 0 },
        },
        { upsert: true },
      )
    },

    /** Every record was brought in line with this revision. */
    async markApplied(partnerId: ObjectId, portalId: string, revision: number): Promise<void> {
      await syncScopes.updateOne(
        { _id: idOf(partnerId, portalId), applied_revision: { $lt: revision } },
        { $set: { applied_revision: revision } },
      )
    },

    /** The members of these lists were read. Not if another scope was stored since. */
    async markListsRead(
      { _id, revision }: Pick<SyncScopeDocument, '_id' | 'revision'>,
      lists: readonly ListRead[],
    ): Promise<void> {
      await syncScopes.updateOne({ _id, revision }, { $set: { lists_read: [...lists] } })
    },
  }
}
