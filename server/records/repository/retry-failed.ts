import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { allKinds, recordsOf } from '../kinds'
import { stateUpdate, triedAgain } from '../sync-state'

/** Puts the writes that HubSpot refused back into the outbox, of all kinds of record. */
export async function retryFailedWrites(
  collections: Pick<Collections, 'leads' | 'deals'>,
  partnerId: ObjectId,
): Promise<void> {
  for (const kind of allKinds)
    await recordsOf(collections, kind).updateMany(
      { partner_id: partnerId, dirty: true, archived_at: null, 'sync.state': 'failed' },
      { $set: stateUpdate(triedAgain), $inc: { version: 1 } },
      { hint: 'outbox' },
    )
}
