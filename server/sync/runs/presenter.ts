import type { Run } from '#shared/contracts/runs'
import type { SyncRunDocument } from '../../database/documents'

const iso = (date: Date | null) => date?.toISOString() ?? null

/** Rates over less than this say nothing, ms */
const shortestMs = 100

/** Records per second of the run so far; `null` before there is anything to say. */
function rateOf(run: SyncRunDocument, now: Date): number | null {
  if (!run.started_at) return null
  const lastedMs = (run.finished_at ?? now).getTime() - run.started_at.getTime()
  const records = run.counts.seen + run.counts.writtenBack
  if (records === 0 || lastedMs < shortestMs) return null
  return Math.round((records * 10_000) / lastedMs) / 10
}

/** The contract's `Run`. */
export function presentRun(run: SyncRunDocument, now: Date): Run {
  return {
    id: run._id.toHexString(),
    kind: run.kind,
    status: run.status,
    trigger: run.trigger,
    startedAt: iso(run.started_at),
    finishedAt: iso(run.finished_at),
    counts: run.counts,
    total: run.total,
    ratePerSecond: rateOf(run, now),
    error: run.error,
    phase: run.phase,
    identical: run.identical,
  }
}
