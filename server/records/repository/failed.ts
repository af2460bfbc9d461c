import type { ObjectId } from 'mongodb'
import type { FailureCause } from '#shared/contracts/failures'
import type { Collections } from '../../database/collections'
import { causeOf } from '../failure-cause'
import { allKinds, recordsOf, type RecordKind } from '../kinds'

/** So many failed records of each kind are looked at */
const maxFailed = 10_000

export interface FailedRecord {
  kind: RecordKind
  id: ObjectId
  name: string | null
  message: string
  cause: FailureCause
}

/** The partner's failed records with their causes: leads, then deals, the latest first. */
export async function* failedRecords(
  collections: Pick<Collections, 'leads' | 'deals'>,
  partnerId: ObjectId,
): AsyncGenerator<FailedRecord, void> {
  for (const kind of allKinds) {
    const found = recordsOf(collections, kind)
      .find(
        { partner_id: partnerId, 'sync.state': 'failed' },
        { projection: { values: 1, 'sync.error': 1 } },
      )
      .sort({ updated_at: -1, _id: -1 })
      .limit(maxFailed)
      .hint('by_sync_state')
    for await (const record of found) {
      const { error } = record.sync
      yield {
        kind,
        id: record._id,
        name: kind.nameOf(record),
        message: error?.message ?? '',
        // Failures of earlier versions have no cause with them.
        cause: error?.cause ?? causeOf({ code: error?.code ?? '', message: error?.message ?? '' }),
      }
    }
  }
}
