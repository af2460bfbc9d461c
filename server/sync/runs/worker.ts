import { setTimeout as delay } from 'node:timers/promises'
import { ObjectId } from 'mongodb'
import { createCoalescer } from '../../jobs/coalesce'
import { jobOf, type JobName } from '../../jobs/names'
import type { Handler } from '../../jobs/queue'
import { errorFields } from '../../observability/log'
import { DomainError } from '../../errors'
import type { SyncCore } from '../core'
import type { Look } from '../readers/look'
import type { Executor } from './execute'
import { createScheduler, reconcileIsDue, type DuePartners, type SchedulerDeps } from './schedule'

/** Grace period for running jobs at shutdown, ms. The whole process gets 25 s. */
const shutdownGraceMs = 20_000
/** Grace period for maintenance at shutdown, ms: what it did not finish is done a minute later */
const maintenanceGraceMs = 3000

export interface WorkerDeps {
  core: SyncCore
  duePartners: DuePartners
  executor: Executor
  foundNothing: Look
  scheduleEveryMs: number
  waitingHints?: SchedulerDeps['waitingHints']
  /** Carries out one operation on many records */
  operation?: Handler
  /** Called about once a minute by one process */
  maintenance: (() => Promise<unknown>)[]
}

/**
 * Takes jobs and keeps the schedule. A process that does not start it serves pages and stores jobs
 * for other processes.
 */
export function createWorker(deps: WorkerDeps) {
  const { core, duePartners, executor } = deps
  const { queue, clock, log, runs, cursors, permission, active, requests } = core
  let started = false
  let stopped = false

  /** The connection went away or was paused between the look and the start. */
  async function unlessRefused(partnerId: ObjectId, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      log.debug(
        { event: 'run_not_started', partnerId: partnerId.toHexString(), code: error.code },
        'A run was not started',
      )
    }
  }

  const scheduler = createScheduler({
    runs,
    duePartners,
    clock,
    log,
    everyMs: deps.scheduleEveryMs,
    waitingHints: deps.waitingHints,
    async due(partner, signal) {
      const { partnerId, portalId, integration } = partner
      const cursor = await cursors.find({ partnerId, portalId })
      const kind = reconcileIsDue(cursor, integration.account, clock())
        ? 'reconcile'
        : 'incremental'
      if (kind === 'incremental' && (await deps.foundNothing(partner, cursor, signal))) return
      // The next process finds the partner due again.
      if (signal.aborted) return await duePartners.dueAgain(partner)
      await unlessRefused(partnerId, () =>
        requests.requestSync(partnerId, { trigger: 'schedule', kind }),
      )
    },
    async abandoned(run) {
      log.warn(
        {
          event: 'run_taken_over',
          runId: run._id.toHexString(),
          kind: run.kind,
          partnerId: run.partner_id.toHexString(),
          fence: run.lease?.fence,
        },
        'A run that nobody works on is taken over',
      )
      await queue.add(jobOf(run), {
        runId: run._id.toHexString(),
        partnerId: run.partner_id.toHexString(),
      })
    },
    hinted: partnerId =>
      unlessRefused(partnerId, () =>
        requests.requestSync(partnerId, { trigger: 'webhook', kind: 'webhook' }),
      ),
  })

  const coalesce = createCoalescer()
  const alongside = (partnerId: ObjectId, what: 'webhook' | 'write_back') =>
    coalesce(`${what}:${partnerId.toHexString()}`, async () => {
      const portalId = await permission.portalOf(partnerId)
      if (portalId !== null) await executor.alongside(partnerId, portalId, what)
    })

  const execute: Handler = async ({ partnerId, runId }) => {
    if (partnerId && runId) await executor.execute(new ObjectId(partnerId), new ObjectId(runId))
  }
  const executeOrAlongside =
    (what: 'webhook' | 'write_back'): Handler =>
    async data => {
      if (data.beside && data.partnerId) await alongside(new ObjectId(data.partnerId), what)
      else await execute(data)
    }

  let maintaining: Promise<void> = Promise.resolve()

  async function maintain(): Promise<void> {
    for (const step of deps.maintenance) {
      if (stopped) return
      await step().catch((error: unknown) =>
        log.warn(
          { event: 'maintenance_trouble', ...errorFields(error) },
          'A part of the maintenance failed; it is tried again in a minute',
        ),
      )
    }
  }

  const handlers: Record<JobName, Handler> = {
    'initial-sync': execute,
    'incremental-sync': execute,
    reconcile: execute,
    'webhook-drain': executeOrAlongside('webhook'),
    'write-back': executeOrAlongside('write_back'),
    operation: deps.operation ?? (async () => {}),
    maintain: () => (maintaining = maintain()),
  }

  return {
    /** @throws when the database is away */
    async start(): Promise<void> {
      if (started || stopped) return
      await queue.start(handlers)
      if (stopped) return await queue.stop()
      started = true
      scheduler.start()
    },

    /**
     * Takes no more work and hands back what is under way: another process goes on with it at once.
     * Idempotent; also ends a queue that only stored.
     */
    async stop(): Promise<void> {
      stopped = true
      await scheduler.stop()
      await queue.stop()
      await active.stop(shutdownGraceMs)
      await Promise.race([maintaining, delay(maintenanceGraceMs, undefined, { ref: false })])
    },
  }
}
export type Worker = ReturnType<typeof createWorker>
