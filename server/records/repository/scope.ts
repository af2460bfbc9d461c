import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { recordsOf, type RecordKind } from '../kinds'
import { lookedAtAgain, stateUpdate } from '../sync-state'

type Records = Pick<Collections, 'leads' | 'deals'>

const wakeSize = 1000

/** New records that a former scope left out are looked at again. A kill in between repeats it. */
export async function wakeLeftOut(
  collections: Records,
  kind: RecordKind,
  partnerId: ObjectId,
): Promise<void> {
  const records = recordsOf(collections, kind)
  for (;;) {
    const some = await records
      .find(
        { partner_id: partnerId, 'sync.state': 'out_of_scope', hubspot_id: null },
        { projection: { _id: 1 } },
      )
      .hint('by_sync_state')
      .limit(wakeSize)
      .toArray()
    if (some.length === 0) return
    await records.updateMany(
      {
        partner_id: partnerId,
        _id: { $in: some.map(({ _id }) => _id) },
        'sync.state': 'out_of_scope',
        hubspot_id: null,
      },
      { $set: stateUpdate(lookedAtAgain), $inc: { version: 1 } },
    )
  }
}
