import type { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { Queue } from '../jobs/queue'
import type { Log } from '../observability/log'
import { createPermission } from './permission'
import { createSyncCursors } from './readers/cursors-repository'
import { createSyncRequests } from './request'
import { createSyncTriggers } from './triggers'
import { createActiveWork } from './runs/active'
import { createRunHistory } from './runs/history-repository'
import { createRuns } from './runs/repository'
import { runLeaseMs } from './runs/run-lease'

export interface SyncCoreDeps {
  collections: Collections
  queue: Queue
  clock: Clock
  log: Log
  /** How long a process may be silent before another one takes its runs over, ms */
  leaseMs?: number
}

/**
 * What those who ask for runs and those who carry them out share: the same database, queue, clock and
 * log, and what is built of them. It needs neither HubSpot nor the
 * mapping, so whatever asks for a run can be built after it.
 */
export function createSyncCore({
  collections,
  queue,
  clock,
  log,
  leaseMs = runLeaseMs,
}: SyncCoreDeps) {
  const runs = createRuns({ collections, clock, leaseMs })
  const history = createRunHistory({ collections })
  const cursors = createSyncCursors({ collections, clock })
  const permission = createPermission({ collections })
  const active = createActiveWork()
  const requests = createSyncRequests({ runs, history, cursors, permission, active, queue, log })
  return {
    collections,
    queue,
    clock,
    log,
    leaseMs,
    runs,
    history,
    cursors,
    permission,
    active,
    requests,
    triggers: createSyncTriggers(requests),
    /** Forgets how far a partner's portals were read: a later connection imports everything again. */
    async forgetProgress(partnerId: ObjectId): Promise<void> {
      await cursors.forget(partnerId)
      await history.forgetProgress(partnerId)
    },
  }
}
export type SyncCore = ReturnType<typeof createSyncCore>
