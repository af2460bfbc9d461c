import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { SyncRunDocument } from '../../database/documents'
import { errorFields } from '../../observability/log'
import { isOutage, isPassing } from '../failures'
import type { Permission } from '../permission'
import type { FollowAccount } from '../readers/account-change'
import type { ActiveWork } from './active'
import type { Conclude } from './conclude'
import {
  createRunContext,
  RunInterrupted,
  runnerFor,
  type ContextDeps,
  type RunContext,
  type Runner,
  type Runners,
} from './context'
import { newRunDocument } from './document'
import type { Runs } from './repository'
import type { RunResults } from './results'
import { keepRunLease } from './run-lease'
import type { DuePartners } from './schedule'

export interface ExecutorDeps extends ContextDeps {
  runs: Runs
  results: Pick<RunResults, 'keeperOf'>
  permission: Pick<Permission, 'mayContinue'>
  active: ActiveWork
  conclude: Conclude
  duePartners: Pick<DuePartners, 'noteOutage' | 'endOutage'>
  runners: Runners
  followAccount: FollowAccount
  /** Called before a run reads HubSpot's records. The run goes on whether it succeeds or not. */
  prepare?(partnerId: ObjectId): Promise<unknown>
  clock: Clock
  leaseMs: number
  /** Delays within a run while HubSpot or MongoDB is in trouble, ms. Progress resets the sequence. */
  retryDelaysMs: readonly number[]
}

/**
 * Carries runs out: takes the lease, calls the runner, tries again, stores the end.
 * Promise P7: after any kill a run continues.
 */
export function createExecutor(deps: ExecutorDeps) {
  const { runs, permission, active, conclude, clock, log, leaseMs } = deps
  const owner = randomUUID()

  async function prepare(run: SyncRunDocument, context: RunContext): Promise<void> {
    if (!deps.prepare || run.kind === 'webhook' || run.trigger === 'write_back') return
    await deps
      .prepare(run.partner_id)
      .catch((error: unknown) =>
        context.log.warn(
          { event: 'run_preparation_failed', ...errorFields(error) },
          "The run goes on without a look at HubSpot's schema",
        ),
      )
  }

  /** @param saves how many checkpoints the run has stored so far */
  async function runWithRetries(
    runner: Runner,
    context: RunContext,
    saves: () => number,
  ): Promise<void> {
    let failures = 0
    let savesBefore = saves()
    let isAway = false
    for (;;) {
      try {
        await runner(context)
        if (isAway) await deps.duePartners.endOutage(context.run)
        return
      } catch (error) {
        if (context.signal.aborted) throw context.signal.reason
        if (saves() > savesBefore) failures = 0
        savesBefore = saves()
        const waitMs = deps.retryDelaysMs[failures]
        if (!isPassing(error) || waitMs === undefined) throw error
        failures += 1
        if (isOutage(error)) {
          isAway = true
          await deps.duePartners.noteOutage(context.run, new Date(clock().getTime() + waitMs))
        }
        context.log.warn(
          { event: 'run_waits', delayMs: waitMs, attempt: failures, ...errorFields(error) },
          'HubSpot or MongoDB is in trouble: the run waits',
        )
        await delay(waitMs, undefined, { signal: context.signal }).catch(() =>
          context.signal.throwIfAborted(),
        )
      }
    }
  }

  /** Another account may be connected than before: a run that begins on it settles that first. */
  function whole(run: SyncRunDocument): Runner {
    const runner = runnerFor(deps.runners, run)
    const isFirst = run.trigger === 'connect' || run.kind === 'initial' || run.kind === 'reconcile'
    if (!isFirst) return runner
    return async context => {
      await deps.followAccount(context)
      await runner(context)
    }
  }

  async function carryOut(runId: ObjectId, abort: AbortController): Promise<void> {
    const claimed = active.isStopping() ? null : await runs.claim(runId, owner)
    if (!claimed) return
    const { run, holder } = claimed
    const stopKeeping = keepRunLease({ runs, permission, leaseMs }, run, holder, abort)
    const results = deps.results.keeperOf(run)
    let saves = 0
    try {
      const context = createRunContext(deps, run, abort.signal, {
        async save(progress) {
          // Results before counts: a kill in between stores the page again, and each result again
          // under its key.
          await results.flush()
          await runs.save(holder, progress)
          if (progress.checkpoint) saves += 1
        },
        tell: results.tell,
      })
      if (!(await permission.mayContinue(run.partner_id, run.portal_id))) {
        await runs.cancel(run.partner_id)
        throw new RunInterrupted('cancelled')
      }
      await prepare(run, context)
      await runWithRetries(whole(run), context, () => saves)
      await results.flush()
      await conclude(run, holder, null)
    } catch (error) {
      await conclude(run, holder, abort.signal.aborted ? abort.signal.reason : error)
    } finally {
      stopKeeping()
    }
  }

  return {
    /**
     * Carries a run out if no other process does. Resolves when it is over, handed back or taken
     * by another process.
     * @throws only when MongoDB cannot be reached
     */
    execute: (partnerId: ObjectId, runId: ObjectId): Promise<void> =>
      active.track(partnerId, abort => carryOut(runId, abort)),

    /**
     * Does small work of a partner while a run of another kind is under way, such as a long import:
     * events and edits do not wait for it. It leaves no history; what it touches is guarded record
     * by record.
     */
    async alongside(
      partnerId: ObjectId,
      portalId: string,
      trigger: 'webhook' | 'write_back',
    ): Promise<void> {
      const now = clock()
      const run: SyncRunDocument = {
        ...newRunDocument({ partnerId, portalId, kind: 'webhook', trigger }, now),
        status: 'running',
        active: false,
        started_at: now,
      }
      const nothing = { save: async () => {}, tell: () => {} }
      await active.track(partnerId, async abort => {
        try {
          if (active.isStopping() || !(await permission.mayContinue(partnerId, portalId))) return
          await runnerFor(deps.runners, run)(createRunContext(deps, run, abort.signal, nothing))
        } catch (error) {
          if (abort.signal.aborted) return
          log.warn(
            {
              event: 'beside_failed',
              partnerId: partnerId.toHexString(),
              trigger,
              ...errorFields(error),
            },
            'Work alongside a run failed: the next run does it',
          )
        }
      })
    },
  }
}
export type Executor = ReturnType<typeof createExecutor>
