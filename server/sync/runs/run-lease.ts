import { keepLease } from '../../database/keep-lease'
import type { SyncRunDocument } from '../../database/documents'
import type { Permission } from '../permission'
import { RunInterrupted } from './context'
import type { Holder, Runs } from './repository'

/** How long a process may be silent before another one takes its runs over, ms */
export const runLeaseMs = 12_000

export interface RunLeaseDeps {
  runs: Pick<Runs, 'prolong' | 'wasCancelled' | 'cancel'>
  permission: Pick<Permission, 'mayContinue'>
  leaseMs: number
}

/**
 * Prolongs a run's lease until it is told to stop. Aborts the run when another process has taken
 * it, when it was cancelled, or when the partner may no longer sync.
 * @returns stops prolonging
 */
export function keepRunLease(
  { runs, permission, leaseMs }: RunLeaseDeps,
  run: SyncRunDocument,
  holder: Holder,
  abort: AbortController,
): () => void {
  const interrupt = (why: 'cancelled' | 'lease_lost') => abort.abort(new RunInterrupted(why))
  return keepLease(leaseMs, {
    async prolong(prolonged) {
      if (!(await runs.prolong(holder))) {
        interrupt((await runs.wasCancelled(run._id)) ? 'cancelled' : 'lease_lost')
        return
      }
      prolonged()
      if (await permission.mayContinue(run.partner_id, run.portal_id)) return
      await runs.cancel(run.partner_id)
      interrupt('cancelled')
    },
    onSilence: () => interrupt('lease_lost'),
  })
}
