import type { ObjectId } from 'mongodb'
import type {
  Run,
  RunKind,
  RunList,
  RunResultList,
  RunResultsQuery,
  RunTrigger,
} from '#shared/contracts/runs'
import type { Clock } from '../config/clock'
import type { AuditLog } from '../database/audit'
import type { Collections } from '../database/collections'
import type { Cursors } from '../database/cursor'
import type { SyncRunDocument } from '../database/documents'
import { DomainError, NotFound } from '../errors'
import { jobOf, type JobName } from '../jobs/names'
import type { Handler, JobData, Queue } from '../jobs/queue'
import { errorFields, type Log } from '../observability/log'
import { createExecutor, type ExecutorDeps } from './runs/execute'
import { createImport, type ImportDeps } from './readers/initial'
import { createSyncCursors } from './readers/cursors'
import { createPermission } from './permission'
import { createDuePartners } from './runs/schedule'
import type { Runner, Runners } from './runs/context'
import { createResultsView } from './runs/results-presenter'
import { createRetry, type RetryDeps } from './insight/retry'
import { createRunResults } from './runs/results'
import { presentRun } from './runs/presenter'
import { createRuns } from './runs/repository'
import { createWorker, runsKept, type WorkerDeps } from './runs/worker'

export interface SyncDeps
  extends
    Pick<ExecutorDeps, 'prepare' | 'crmFor' | 'metrics'>,
    Pick<WorkerDeps, 'waitingHints' | 'maintenance'>,
    Pick<ImportDeps, 'inbound' | 'mapping'>,
    Pick<RetryDeps, 'records'> {
  collections: Collections
  configuration: { hubspot: { syncIntervalSeconds: number } }
  queue: Queue
  cursors: Cursors
  audit: AuditLog
  /** Who carries out what follows the import */
  runners: Omit<Runners, 'initial'>
  writeBack?: Runner
  clock: Clock
  log: Log
  /** How long a process may be silent before another one takes its runs over, ms */
  leaseMs?: number
  retryDelaysMs?: readonly number[]
  scheduleEveryMs?: number
}

export interface StartOptions {
  trigger: RunTrigger
  /**
   * What a person asked for; a portal that was never imported is imported first, whatever was asked
   */
  kind?: RunKind
}

export interface RunsQuery {
  limit: number
  cursor?: string
  kind?: RunKind
  status?: Run['status']
  eventful?: 'true'
}

/** Everything that moves records: starts runs, carries them out, tells about them. */
export function createSync(deps: SyncDeps) {
  const {
    collections,
    queue,
    cursors,
    clock,
    log,
    leaseMs = 12_000,
    retryDelaysMs = [2000, 5000, 10_000],
    scheduleEveryMs = 1000,
  } = deps
  const syncCursors = createSyncCursors({ collections, clock })
  const runs = createRuns({ collections, clock, leaseMs })
  const results = createRunResults({ collections, clock, keep: runsKept })
  const resultsView = createResultsView({ collections })
  const permission = createPermission({ collections })
  const partners = createDuePartners({
    collections,
    clock,
    intervalSeconds: deps.configuration.hubspot.syncIntervalSeconds,
  })
  const executor = createExecutor({
    runs,
    results,
    partners,
    permission,
    clock,
    log,
    leaseMs,
    retryDelaysMs,
    metrics: deps.metrics,
    prepare: deps.prepare,
    crmFor: deps.crmFor,
    writeBack: deps.writeBack,
    runners: { ...deps.runners, initial: createImport({ ...deps, cursors: syncCursors }) },
    onAgain: (partnerId, next) => startQuietly(partnerId, next, () => begin(partnerId, next)),
  })
  const worker = createWorker({
    runs,
    partners,
    permission,
    executor,
    queue,
    cursors: syncCursors,
    clock,
    log,
    scheduleEveryMs,
    waitingHints: deps.waitingHints,
    maintenance: [...(deps.maintenance ?? []), results.prune],
    begin,
    announce,
  })

  async function kindFor(
    partnerId: ObjectId,
    portalId: string,
    { kind, trigger }: StartOptions,
  ): Promise<RunKind> {
    if (kind === 'webhook' || trigger === 'write_back') return kind ?? 'incremental'
    const isImported = await syncCursors.isImported({ partnerId, portalId })
    return isImported ? (kind ?? 'incremental') : 'initial'
  }

  async function begin(
    partnerId: ObjectId,
    options: StartOptions,
  ): Promise<{ run: SyncRunDocument; created: boolean }> {
    const { portalId } = await permission.assertMaySync(partnerId)
    const kind = await kindFor(partnerId, portalId, options)
    const resumes = kind === 'initial' ? await runs.unfinishedImport(partnerId, portalId) : null
    let { run, created } = await runs.create({
      partnerId,
      portalId,
      kind,
      trigger: options.trigger,
      resumes,
    })
    while (!created && run.portal_id !== portalId) {
      // Another portal was connected: what is under way for the former one has lost its purpose.
      await cancel(partnerId)
      ;({ run, created } = await runs.create({
        partnerId,
        portalId,
        kind,
        trigger: options.trigger,
        resumes,
      }))
    }
    if (created)
      await queue.add(jobOf(run), {
        runId: run._id.toHexString(),
        partnerId: partnerId.toHexString(),
      })
    return { run, created }
  }

  const besideQueued = new Set<string>()

  /**
   * Something new waits. A run of its own if none is active; else that run's next pass, or, beside
   * a run of another kind, at once.
   */
  async function announce(
    partnerId: ObjectId,
    options: StartOptions & { trigger: 'webhook' | 'write_back' | 'mapping' | 'retry' },
  ): Promise<void> {
    for (;;) {
      const { run, created } = await begin(partnerId, options)
      if (created) return
      const next = { kind: options.kind ?? 'incremental', trigger: options.trigger }
      const same = run.trigger === next.trigger && run.kind === next.kind
      if (same || options.trigger === 'mapping') {
        // Queued only: it will see everything that waits.
        if (run.status === 'queued' && same) return
        if (await runs.askAgain(run._id, next)) return
        continue
      }
      const name: JobName = options.trigger === 'write_back' ? 'write-back' : 'webhook-drain'
      const key = `${name}:${partnerId.toHexString()}`
      if (besideQueued.has(key)) return
      besideQueued.add(key)
      await queue
        .add(name, { partnerId: partnerId.toHexString(), beside: true })
        .finally(() => besideQueued.delete(key))
      return
    }
  }

  /** Must not fail its caller: what waits is found by the schedule as well. */
  async function startQuietly(
    partnerId: ObjectId,
    { trigger }: StartOptions,
    start: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await start()
    } catch (error) {
      if (!(error instanceof DomainError))
        log.warn(
          {
            event: 'run_not_started',
            trigger,
            partnerId: partnerId.toHexString(),
            ...errorFields(error),
          },
          'A run could not be started; the schedule does it',
        )
    }
  }
  const announceQuietly = (partnerId: ObjectId, options: Parameters<typeof announce>[1]) =>
    startQuietly(partnerId, options, () => announce(partnerId, options))

  async function cancel(partnerId: ObjectId): Promise<void> {
    await runs.cancel(partnerId)
    executor.interrupt(partnerId)
  }

  const retry = createRetry({
    collections,
    records: deps.records,
    results,
    view: resultsView,
    audit: deps.audit,
    clock,
    assertMaySync: permission.assertMaySync,
    async announce(partnerId) {
      // A webhook run reads what was hinted at, then writes what waits: both directions.
      await announce(partnerId, { trigger: 'retry', kind: 'webhook' })
      const active = await runs.active(partnerId)
      return active?.trigger === 'retry' ? active._id : null
    },
  })

  return {
    results,
    retry,

    /** What one run did, record by record. @throws {NotFound} also for another partner's run */
    async listResults(
      partnerId: ObjectId,
      runId: ObjectId,
      { limit, cursor, outcome, object }: RunResultsQuery,
    ): Promise<RunResultList> {
      const run = await runs.find(partnerId, runId)
      if (!run) throw new NotFound('This run')
      const scope = {
        partnerId,
        list: 'run-results',
        query: { run: runId.toHexString(), outcome, object },
      }
      const after = cursor === undefined ? undefined : cursors.decode(scope, cursor).id
      const { items, total } = await results.page(partnerId, runId, {
        outcome,
        object,
        after,
        limit: limit + 1,
      })
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: await resultsView(partnerId, items.slice(0, limit)),
        nextCursor: last ? cursors.encode(scope, { id: last._id }) : null,
        total,
        complete: await results.isComplete(run),
      }
    },

    /**
     * Starts a run, or returns the one that is under way.
     * @throws {NotConnected} {ReauthorizationRequired} {SyncPaused}
     */
    async start(partnerId: ObjectId, options: StartOptions): Promise<{ id: string }> {
      const { run } = await begin(partnerId, options)
      return { id: run._id.toHexString() }
    },

    /** The run under way, or `null` */
    async current(partnerId: ObjectId): Promise<Run | null> {
      const run = await runs.active(partnerId)
      return run && presentRun(run, clock())
    },

    /**
     * The latest runs, newest first: for the event stream, which tells of their changes by
     * `version`
     */
    async latest(
      partnerId: ObjectId,
      limit: number,
    ): Promise<{ run: Run; version: number; active: boolean }[]> {
      return (await runs.page(partnerId, { limit })).map(run => ({
        run: presentRun(run, clock()),
        version: run.version,
        active: run.active,
      }))
    },

    /** History, newest first. @throws {ValidationFailed} for a cursor of another list */
    async list(
      partnerId: ObjectId,
      { limit, cursor, kind, status, eventful }: RunsQuery,
    ): Promise<RunList> {
      const scope = { partnerId, list: 'runs', query: { kind, status, eventful } }
      const chosen = { kind, status, eventful: eventful === 'true' }
      const before = cursor === undefined ? undefined : cursors.decode(scope, cursor).id
      const [found, total] = await Promise.all([
        runs.page(partnerId, { ...chosen, before, limit: limit + 1 }),
        runs.count(partnerId, chosen),
      ])
      const last = found.length > limit ? found[limit - 1] : undefined
      return {
        items: found.slice(0, limit).map(run => presentRun(run, clock())),
        nextCursor: last ? cursors.encode(scope, { id: last._id }) : null,
        total,
      }
    },

    /** @throws {NotFound} also for another partner's run */
    async get(partnerId: ObjectId, runId: ObjectId): Promise<Run> {
      const run = await runs.find(partnerId, runId)
      if (!run) throw new NotFound('This run')
      return presentRun(run, clock())
    },

    /** Ends the partner's run, wherever it is carried out. Idempotent. */
    cancel,

    /** A portal was connected. Never throws: a connection that is paused stays so. */
    connected: (partnerId: ObjectId) =>
      startQuietly(partnerId, { trigger: 'connect' }, () =>
        begin(partnerId, { trigger: 'connect' }),
      ),

    /** A record was changed here and waits to be written. Never throws. */
    localChange: (partnerId: ObjectId) => announceQuietly(partnerId, { trigger: 'write_back' }),

    /** Webhook events were stored. Never throws. */
    webhookArrived: (partnerId: ObjectId) =>
      announceQuietly(partnerId, { trigger: 'webhook', kind: 'webhook' }),

    /**
     * The mapping was changed: what HubSpot has is looked at anew. @param reread everything, not
     * only what changes from now on
     */
    mappingChanged: (partnerId: ObjectId, { reread }: { reread: boolean }) =>
      announceQuietly(partnerId, {
        trigger: 'mapping',
        kind: reread ? 'reconcile' : 'incremental',
      }),

    worker,
  }
}
export type Sync = ReturnType<typeof createSync>
export type { Handler, JobData }
