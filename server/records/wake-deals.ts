import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'

/**
 * These leads have a contact in HubSpot now, or again: ties made here that waited for it can be
 * written.
 */
export async function wakeDeals(
  { deals }: Pick<Collections, 'deals'>,
  partnerId: ObjectId,
  leadIds: readonly ObjectId[],
): Promise<void> {
  if (leadIds.length === 0) return
  await deals.updateMany(
    {
      partner_id: partnerId,
      lead_ids: { $in: [...leadIds] },
      associations_dirty: true,
      archived_at: null,
      'sync.state': { $ne: 'failed' },
    },
    { $set: { dirty: true, 'sync.next_try_at': null }, $inc: { version: 1 } },
  )
}
