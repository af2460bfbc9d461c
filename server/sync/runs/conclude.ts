import type { SyncRunDocument } from '../../database/documents'
import { isDatabaseUnavailable } from '../../database/errors'
import { errorFields, type Log } from '../../observability/log'
import type { Metrics } from '../../observability/metrics'
import { failureOf, isOutage, isPassing, limitOf } from '../failures'
import type { SyncRequests } from '../request'
import type { ActiveWork } from './active'
import { RunInterrupted } from './context'
import type { RunHistory } from './history-repository'
import type { Holder, Runs } from './repository'
import type { DuePartners } from './schedule'

export interface ConcludeDeps {
  runs: Pick<Runs, 'finish' | 'release'>
  history: Pick<RunHistory, 'page'>
  duePartners: Pick<DuePartners, 'afterRun' | 'noteOutage'>
  requests: Pick<SyncRequests, 'requestNext'>
  active: Pick<ActiveWork, 'isStopping'>
  log: Log
  metrics: Pick<Metrics, 'runs' | 'records'>
}

/** Stores how a run ended, and asks for the run that was wanted in the meantime. */
export function createConclude(deps: ConcludeDeps) {
  const { runs, history, duePartners, requests, active, log, metrics } = deps

  function count({ kind, status, counts }: SyncRunDocument): void {
    metrics.runs.inc({ kind, status })
    for (const result of ['created', 'updated', 'unchanged', 'failed'] as const)
      metrics.records.inc({ object: 'all', result }, counts[result])
  }

  /** @param error what the run ended with, `null` when it succeeded */
  return async function conclude(
    run: SyncRunDocument,
    holder: Holder,
    error: unknown,
  ): Promise<void> {
    const fields = {
      partnerId: run.partner_id.toHexString(),
      runId: run._id.toHexString(),
      kind: run.kind,
    }
    if (error instanceof RunInterrupted) {
      if (error.why === 'stopping') await runs.release(holder)
      log.info({ event: 'run_interrupted', reason: error.why, ...fields }, 'A run was interrupted')
      return
    }
    if (error !== null && isDatabaseUnavailable(error)) {
      log.warn(
        { event: 'run_abandoned', ...fields, ...errorFields(error) },
        'MongoDB cannot be reached: the process that reaches it next continues the run',
      )
      return
    }
    const failure = error === null ? null : failureOf(error)
    if (failure)
      log.error(
        {
          event: 'run_failed',
          code: failure.code,
          hubspotCorrelationId: failure.correlationId,
          ...fields,
          ...errorFields(error),
        },
        'A run failed',
      )
    // The first failure that may pass is tried again soon, each further one at the usual interval.
    const soon =
      isPassing(error) && (await history.page(run.partner_id, { limit: 2 }))[1]?.status !== 'failed'
    await duePartners.afterRun(run, { failure, limit: limitOf(error), soon })
    if (isOutage(error)) await duePartners.noteOutage(run, null)
    const ended = await runs.finish(holder, failure ? 'failed' : 'succeeded', failure)
    if (!ended) return
    count(ended)
    log.info(
      {
        event: 'run_finished',
        status: ended.status,
        seen: ended.counts.seen,
        created: ended.counts.created,
        updated: ended.counts.updated,
        failed: ended.counts.failed,
        ...fields,
      },
      'A run is over',
    )
    if (ended.again && !active.isStopping())
      await requests.requestNext(ended.partner_id, ended.again)
  }
}
export type Conclude = ReturnType<typeof createConclude>
