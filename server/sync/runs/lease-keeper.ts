import type { SyncRunDocument } from '../../database/documents'
import type { Permission } from '../permission'
import { RunInterrupted } from './context'
import type { Holder, Runs } from './repository'

export interface LeaseKeeperDeps {
  runs: Pick<Runs, 'prolong' | 'wasCancelled' | 'cancel'>
  permission: Pick<Permission, 'mayContinue'>
  leaseMs: number
}

/**
 * Prolongs a run's lease until it is told to stop. Aborts the run when another process has taken
 * it, when it was cancelled, or when the partner may no longer sync.
 * @returns stops prolonging
 */
export function keepLease(
  { runs, permission, leaseMs }: LeaseKeeperDeps,
  run: SyncRunDocument,
  holder: Holder,
  abort: AbortController,
): () => void {
  let prolongedAt = performance.now()
  let isBusy = false

  async function prolong(): Promise<void> {
    if (!(await runs.prolong(holder))) {
      const wasCancelled = await runs.wasCancelled(run._id)
      abort.abort(new RunInterrupted(wasCancelled ? 'cancelled' : 'lease_lost'))
      return
    }
    prolongedAt = performance.now()
    if (await permission.mayContinue(run.partner_id, run.portal_id)) return
    await runs.cancel(run.partner_id)
    abort.abort(new RunInterrupted('cancelled'))
  }

  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    void prolong()
      .catch(() => {
        // MongoDB cannot be reached: another process may hold the lease by now.
        if (performance.now() - prolongedAt > leaseMs) abort.abort(new RunInterrupted('lease_lost'))
      })
      .finally(() => {
        isBusy = false
      })
  }, leaseMs / 4)
  return () => clearInterval(timer)
}
