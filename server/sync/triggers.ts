import type { ObjectId } from 'mongodb'
import type { SyncRequests } from './request'

/** What happens to a partner that asks for a run. None of them throws. */
export interface SyncTriggers {
  /** A portal was connected. */
  connected(partnerId: ObjectId): Promise<void>
  /** A record was changed here and waits to be written. */
  localChange(partnerId: ObjectId): Promise<void>
  /** Webhook events were stored. */
  webhookArrived(partnerId: ObjectId): Promise<void>
  /** The mapping was changed. @param reread whether every record is read again */
  mappingChanged(partnerId: ObjectId, change: { reread: boolean }): Promise<void>
}

export function createSyncTriggers({
  requestQuietly,
}: Pick<SyncRequests, 'requestQuietly'>): SyncTriggers {
  return {
    connected: partnerId => requestQuietly(partnerId, { trigger: 'connect' }),
    localChange: partnerId => requestQuietly(partnerId, { trigger: 'write_back' }),
    webhookArrived: partnerId => requestQuietly(partnerId, { trigger: 'webhook', kind: 'webhook' }),
    mappingChanged: (partnerId, { reread }) =>
      requestQuietly(partnerId, {
        trigger: 'mapping',
        kind: reread ? 'reconcile' : 'incremental',
      }),
  }
}
