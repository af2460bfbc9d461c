import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { ObjectId } from 'mongodb'
import type { RunKind } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { SyncRunDocument } from '../../database/documents'
import { isDatabaseWithoutAnswer } from '../../database/errors'
import type { Crm, RequestPriority } from '../../hubspot/crm-types'
import { errorFields, type Log } from '../../observability/log'
import type { Metrics } from '../../observability/metrics'
import { failureOf, isPassing } from '../failures'
import type { Permission } from '../permission'
import {
  RunInterrupted,
  type Progress,
  type RunContext,
  type Runner,
  type Runners,
} from './context'
import type { RunResults } from './results'
import type { DuePartners } from './schedule'
import type { Holder, Runs } from './repository'

export interface ExecutorDeps {
  runs: Runs
  results: Pick<RunResults, 'keeperOf'>
  partners: DuePartners
  permission: Pick<Permission, 'mayContinue'>
  runners: Runners
  /** Carries out runs that a local change triggered; the kind's own runner unless given */
  writeBack?: Runner
  /**
   * Called at the start of each run that reads HubSpot's records; trouble with HubSpot in it stops
   * nothing
   */
  prepare?(partnerId: ObjectId): Promise<unknown>
  crmFor(partnerId: ObjectId, options: { priority: RequestPriority; signal: AbortSignal }): Crm
  clock: Clock
  log: Log
  metrics: Pick<Metrics, 'runs' | 'records'>
  leaseMs: number
  /** Waits within a run when HubSpot is in passing trouble, ms; progress begins the row anew */
  retryDelaysMs: readonly number[]
  /** A run ended, and another one was asked for meanwhile */
  onAgain(partnerId: ObjectId, next: NonNullable<SyncRunDocument['again']>): Promise<void>
}

const backgroundKinds: readonly RunKind[] = ['initial', 'reconcile']

/**
 * Somebody waits for a run that a person started or that a webhook announced; a backfill leaves
 * room for them.
 */
function priorityOf({ kind, trigger }: Pick<SyncRunDocument, 'kind' | 'trigger'>): RequestPriority {
  if (backgroundKinds.includes(kind)) return 'backfill'
  return trigger === 'schedule' ? 'normal' : 'interactive'
}

/**
 * Carries runs out: takes the lease, keeps it, hands the runner its context, and writes down how it
 * ended.
 * Promise P7: after any kill a run continues.
 */
export function createExecutor(deps: ExecutorDeps) {
  const { runs, partners, permission, runners, clock, log, metrics, leaseMs } = deps
  const owner = randomUUID()
  const live = new Map<string, { partnerId: ObjectId; abort: AbortController }>()
  const working = new Set<Promise<unknown>>()
  let stopping = false

  function track<T>(work: Promise<T>): Promise<T> {
    working.add(work)
    const over = () => void working.delete(work)
    work.then(over, over)
    return work
  }

  /**
   * Prolongs the lease while the run goes on, and stops the run when it is no longer ours or no
   * longer wanted.
   */
  function keepAlive(run: SyncRunDocument, holder: Holder, abort: AbortController): () => void {
    let prolongedAt = performance.now()
    let busy = false
    const timer = setInterval(() => {
      if (busy) return
      busy = true
      void (async () => {
        if (!(await runs.prolong(holder)))
          return abort.abort(
            new RunInterrupted((await runs.wasCancelled(run._id)) ? 'cancelled' : 'lease_lost'),
          )
        prolongedAt = performance.now()
        if (await permission.mayContinue(run.partner_id, run.portal_id)) return
        await runs.cancel(run.partner_id)
        abort.abort(new RunInterrupted('cancelled'))
      })()
        .catch(() => {
          // The database is away: somebody else may hold the lease by now.
          if (performance.now() - prolongedAt > leaseMs)
            abort.abort(new RunInterrupted('lease_lost'))
        })
        .finally(() => {
          busy = false
        })
    }, leaseMs / 4)
    return () => clearInterval(timer)
  }

  function contextOf(
    run: SyncRunDocument,
    abort: AbortController,
    save: (progress: Progress) => Promise<void>,
    tell: RunContext['tell'],
  ): RunContext {
    let checkpoint = run.checkpoint
    const { signal } = abort
    return {
      run,
      partnerId: run.partner_id,
      portalId: run.portal_id,
      signal,
      crm: deps.crmFor(run.partner_id, { priority: priorityOf(run), signal }),
      checkpoint: <T extends Record<string, unknown>>() => checkpoint as T | null,
      async save(progress) {
        signal.throwIfAborted()
        await save(progress)
        if (progress.checkpoint !== undefined) checkpoint = progress.checkpoint
      },
      tell,
      log: log.child({
        partnerId: run.partner_id.toHexString(),
        portalId: run.portal_id,
        runId: run._id.toHexString(),
        kind: run.kind,
      }),
    }
  }

  function runnerOf(run: SyncRunDocument): Runner {
    return run.trigger === 'write_back' && deps.writeBack ? deps.writeBack : runners[run.kind]
  }

  /** Runs it to its end, waiting out passing trouble for a while. */
  async function persist(
    run: SyncRunDocument,
    context: RunContext,
    progressed: () => number,
  ): Promise<void> {
    if (deps.prepare && run.kind !== 'webhook' && run.trigger !== 'write_back') {
      await deps
        .prepare(run.partner_id)
        .catch((error: unknown) =>
          context.log.warn(
            { event: 'run_preparation_failed', ...errorFields(error) },
            "The run goes on without a look at HubSpot's schema",
          ),
        )
    }
    let failures = 0
    let before = progressed()
    for (;;) {
      try {
        return await runnerOf(run)(context)
      } catch (error) {
        if (context.signal.aborted) throw context.signal.reason
        if (progressed() > before) failures = 0
        before = progressed()
        const waitMs = deps.retryDelaysMs[failures]
        if (!isPassing(error) || waitMs === undefined) throw error
        failures += 1
        context.log.warn(
          { event: 'run_waits', delayMs: waitMs, attempt: failures, ...errorFields(error) },
          'HubSpot is in trouble: the run waits',
        )
        await delay(waitMs, undefined, { signal: context.signal }).catch(() =>
          context.signal.throwIfAborted(),
        )
      }
    }
  }

  async function conclude(run: SyncRunDocument, holder: Holder, error: unknown): Promise<void> {
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
    if (error !== null && isDatabaseWithoutAnswer(error)) {
      log.warn(
        { event: 'run_abandoned', ...fields, ...errorFields(error) },
        'The database is away: whoever reaches it next goes on with the run',
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
    // The first time HubSpot is in trouble it is tried again soon; while that lasts, at the usual
    // interval.
    const soon =
      isPassing(error) && (await runs.page(run.partner_id, { limit: 2 }))[1]?.status !== 'failed'
    await partners.afterRun(run, { succeeded: failure === null, soon })
    const ended = await runs.finish(holder, failure ? 'failed' : 'succeeded', failure)
    if (!ended) return
    metrics.runs.inc({ kind: ended.kind, status: ended.status })
    for (const name of ['created', 'updated', 'unchanged', 'failed'] as const)
      metrics.records.inc({ object: 'all', result: name }, ended.counts[name])
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
    if (ended.again && !stopping) await deps.onAgain(ended.partner_id, ended.again)
  }

  async function carryOut(runId: ObjectId): Promise<void> {
    const claimed = stopping ? null : await runs.claim(runId, owner)
    if (!claimed) return
    const { run, holder } = claimed
    const abort = new AbortController()
    const key = runId.toHexString()
    live.set(key, { partnerId: run.partner_id, abort })
    const stopKeeping = keepAlive(run, holder, abort)
    let saves = 0
    try {
      const results = deps.results.keeperOf(run)
      const context = contextOf(
        run,
        abort,
        async progress => {
          // Before the counts: a kill in between stores the page again, and its results once more
          // under their keys.
          await results.flush()
          await runs.save(holder, progress)
          if (progress.checkpoint) saves += 1
        },
        results.tell,
      )
      if (!(await permission.mayContinue(run.partner_id, run.portal_id))) {
        await runs.cancel(run.partner_id)
        throw new RunInterrupted('cancelled')
      }
      await persist(run, context, () => saves)
      await results.flush()
      await conclude(run, holder, null)
    } catch (error) {
      await conclude(run, holder, abort.signal.aborted ? abort.signal.reason : error)
    } finally {
      stopKeeping()
      live.delete(key)
    }
  }

  return {
    /**
     * Carries a run out if nobody else does. Resolves when it is over, handed back or somebody
     * else's. Never rejects but for a database that is away.
     */
    execute: (runId: ObjectId) => track(carryOut(runId)),

    /**
     * Does a small piece of work of a partner beside the run that is under way, such as a long
     * import: hints and edits do not wait for it. It leaves no history; what it touches is guarded
     * record by record.
     */
    beside(partnerId: ObjectId, portalId: string, what: 'webhook' | 'write_back'): Promise<void> {
      const now = clock()
      const run: SyncRunDocument = {
        _id: new ObjectId(),
        schema_version: 1,
        partner_id: partnerId,
        portal_id: portalId,
        kind: 'webhook',
        status: 'running',
        trigger: what,
        active: false,
        phase: null,
        checkpoint: null,
        watermark: now,
        counts: { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 },
        total: null,
        error: null,
        identical: null,
        lease: null,
        again: null,
        queued_at: now,
        started_at: now,
        finished_at: null,
        version: 1,
        updated_at: now,
      }
      const abort = new AbortController()
      const key = run._id.toHexString()
      live.set(key, { partnerId, abort })
      return track(
        (async () => {
          try {
            if (!stopping && (await permission.mayContinue(partnerId, portalId)))
              await runnerOf(run)(
                contextOf(
                  run,
                  abort,
                  async () => {},
                  () => {},
                ),
              )
          } catch (error) {
            if (!abort.signal.aborted)
              log.warn(
                {
                  event: 'beside_failed',
                  partnerId: partnerId.toHexString(),
                  trigger: what,
                  ...errorFields(error),
                },
                'Work beside a run failed: the next run does it',
              )
          } finally {
            live.delete(key)
          }
        })(),
      )
    },

    /**
     * Stops this process's work for a partner at once; other processes find out with their next
     * write.
     */
    interrupt(partnerId: ObjectId): void {
      for (const each of live.values())
        if (each.partnerId.equals(partnerId)) each.abort.abort(new RunInterrupted('cancelled'))
    },

    /**
     * Hands back what is under way, after the page that is being written. Resolves when nothing is
     * left, or after `patienceMs`.
     */
    async stop(patienceMs: number): Promise<void> {
      stopping = true
      for (const { abort } of live.values()) abort.abort(new RunInterrupted('stopping'))
      const patience = new AbortController()
      await Promise.race([
        Promise.allSettled([...working]),
        delay(patienceMs, undefined, { signal: patience.signal, ref: false }).catch(() => {}),
      ])
      patience.abort()
    },
  }
}
export type Executor = ReturnType<typeof createExecutor>
