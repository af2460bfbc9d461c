import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { allKinds, recordsOf } from '../kinds'

/**
 * Counts the records that wait to be written to HubSpot and those that failed, of all kinds.
 * @returns each up to `limit` a kind, by the index of states
 */
export function createSyncCounts({
  collections,
}: {
  collections: Pick<Collections, 'leads' | 'deals'>
}) {
  async function count(
    partnerId: ObjectId,
    state: 'pending' | 'failed',
    limit: number,
  ): Promise<number> {
    const counts = await Promise.all(
      allKinds.map(kind =>
        recordsOf(collections, kind).countDocuments(
          { partner_id: partnerId, 'sync.state': state },
          { limit, hint: 'by_sync_state' },
        ),
      ),
    )
    return counts.reduce((sum, one) => sum + one, 0)
  }

  return async function countRecords(
    partnerId: ObjectId,
    limit: number,
  ): Promise<{ waiting: number; failed: number }> {
    const [waiting, failed] = await Promise.all([
      count(partnerId, 'pending', limit),
      count(partnerId, 'failed', limit),
    ])
    return { waiting, failed }
  }
}
