import { setTimeout as delay } from 'node:timers/promises'
import { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { createCoalescer } from '../../jobs/coalesce'
import { jobOf, type JobName } from '../../jobs/names'
import type { Handler, Queue } from '../../jobs/queue'
import { errorFields, type Log } from '../../observability/log'
import { DomainError } from '../../errors'
import type { SyncCursors } from '../readers/cursors'
import type { Permission } from '../permission'
import type { Executor } from './execute'
import type { StartOptions } from '../index'
import type { Runs } from './repository'
import { createScheduler, reconcileIsDue, type DuePartners, type SchedulerDeps } from './schedule'

/**
 * What is under way gets this long to reach the end of its page when the process stops, ms (spec:
 * drained within 25 s)
 */
const patienceMs = 20_000
/**
 * A step of the maintenance that calls HubSpot may take its time-out; the next minute's does it
 * again, ms
 */
const maintenancePatienceMs = 3000
/** How long runs, and what they did record by record, are kept */
export const runsKept = { webhookDays: 7, days: 90 }

export interface WorkerDeps {
  runs: Runs
  partners: DuePartners
  permission: Pick<Permission, 'portalOf'>
  executor: Executor
  queue: Queue
  cursors: Pick<SyncCursors, 'find'>
  clock: Clock
  log: Log
  scheduleEveryMs: number
  waitingHints?: SchedulerDeps['waitingHints']
  /** Called about once a minute by one process */
  maintenance?: (() => Promise<unknown>)[]
  begin(partnerId: ObjectId, options: StartOptions): Promise<unknown>
  announce(partnerId: ObjectId, options: StartOptions & { trigger: 'webhook' }): Promise<void>
}

/**
 * The part of a process that works: takes jobs, keeps the schedule. A process without it serves
 * pages and stores jobs for others.
 */
export function createWorker(deps: WorkerDeps) {
  const { runs, partners, permission, executor, queue, cursors, clock, log } = deps
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
    partners,
    clock,
    log,
    everyMs: deps.scheduleEveryMs,
    waitingHints: deps.waitingHints,
    async due({ partnerId, portalId, integration }) {
      const cursor = await cursors.find({ partnerId, portalId })
      const kind = reconcileIsDue(cursor, integration.account, clock())
        ? 'reconcile'
        : 'incremental'
      await unlessRefused(partnerId, () => deps.begin(partnerId, { trigger: 'schedule', kind }))
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
        deps.announce(partnerId, { trigger: 'webhook', kind: 'webhook' }),
      ),
  })

  const coalesce = createCoalescer()
  const alongside = (partnerId: ObjectId, what: 'webhook' | 'write_back') =>
    coalesce(`${what}:${partnerId.toHexString()}`, async () => {
      const portalId = await permission.portalOf(partnerId)
      if (portalId !== null) await executor.beside(partnerId, portalId, what)
    })

  const carryOut: Handler = async ({ runId }) => {
    if (runId) await executor.execute(new ObjectId(runId))
  }
  const orBeside =
    (what: 'webhook' | 'write_back'): Handler =>
    async data => {
      if (data.beside && data.partnerId) await alongside(new ObjectId(data.partnerId), what)
      else await carryOut(data)
    }

  let maintaining: Promise<void> = Promise.resolve()

  async function maintain(): Promise<void> {
    const steps = [...(deps.maintenance ?? []), () => runs.prune(clock(), runsKept)]
    for (const step of steps) {
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
    'initial-sync': carryOut,
    'incremental-sync': carryOut,
    reconcile: carryOut,
    'webhook-drain': orBeside('webhook'),
    'write-back': orBeside('write_back'),
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
      await executor.stop(patienceMs)
      await Promise.race([maintaining, delay(maintenancePatienceMs, undefined, { ref: false })])
    },
  }
}
export type Worker = ReturnType<typeof createWorker>
