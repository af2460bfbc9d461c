import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { allKinds, recordsOf } from '../kinds'

/** Enough to say "more than": counting stops there */
const countedUpTo = 10_001

/**
 * Counts the records that wait to be written to HubSpot and those that failed, of all kinds.
 * @returns each up to 10,001 a kind, by the index of states
 */
export function createSyncCounts({
  collections,
}: {
  collections: Pick<Collections, 'leads' | 'deals'>
}) {
  async function count(partnerId: ObjectId, state: 'pending' | 'failed'): Promise<number> {
    const counts = await Promise.all(
      allKinds.map(kind =>
        recordsOf(collections, kind).countDocuments(
          { partner_id: partnerId, 'sync.state': state },
          { limit: countedUpTo, hint: 'by_sync_state' },
        ),
      ),
    )
    return counts.reduce((sum, one) => sum + one, 0)
  }

  return async function countRecords(
    partnerId: ObjectId,
  ): Promise<{ waiting: number; failed: number }> {
    const [waiting, failed] = await Promise.all([
      count(partnerId, 'pending'),
      count(partnerId, 'failed'),
    ])
    return { waiting, failed }
  }
}
