import type { ObjectId } from 'mongodb'
import type { RunKind, RunTrigger } from '#shared/contracts/runs'
import type { SyncRunDocument } from '../database/documents'
import { DomainError } from '../errors'
import { jobOf, type JobName } from '../jobs/names'
import type { Queue } from '../jobs/queue'
import { errorFields, type Log } from '../observability/log'
import type { Permission } from './permission'
import type { SyncCursors } from './readers/cursors-repository'
import type { ActiveWork } from './runs/active'
import type { RunHistory } from './runs/history-repository'
import type { Runs } from './runs/repository'

export interface SyncReason {
  trigger: RunTrigger
  /** What is asked for. A portal that was never imported is imported first, whatever it is. */
  kind?: RunKind
}

/** Something waits to be worked off: a run that is under way may already have passed it */
const somethingWaits: readonly RunTrigger[] = ['webhook', 'write_back', 'mapping', 'retry']

/** What no run of another kind, and nothing alongside it, does */
const needsRunOfItsOwn = ({ trigger }: SyncReason) => trigger === 'mapping' || trigger === 'manual'

export interface RequestDeps {
  runs: Runs
  history: Pick<RunHistory, 'unfinishedImport'>
  cursors: Pick<SyncCursors, 'isImported'>
  permission: Pick<Permission, 'assertMaySync'>
  active: Pick<ActiveWork, 'interrupt'>
  queue: Pick<Queue, 'add'>
  log: Log
}

/** The one way to ask for a run, or to end one. */
export function createSyncRequests(deps: RequestDeps) {
  const { runs, history, cursors, permission, active, queue, log } = deps

  async function cancel(partnerId: ObjectId): Promise<void> {
    await runs.cancel(partnerId)
    active.interrupt(partnerId)
  }

  async function kindFor(
    partnerId: ObjectId,
    portalId: string,
    { kind, trigger }: SyncReason,
  ): Promise<RunKind> {
    if (kind === 'webhook' || trigger === 'write_back') return kind ?? 'incremental'
    const isImported = await cursors.isImported({ partnerId, portalId })
    return isImported ? (kind ?? 'incremental') : 'initial'
  }

  /**
   * Starts a run, or returns the one that is under way.
   * @throws {NotConnected} {ReauthorizationRequired} {SyncPaused}
   */
  async function start(
    partnerId: ObjectId,
    reason: SyncReason,
  ): Promise<{ run: SyncRunDocument; created: boolean }> {
    const { portalId } = await permission.assertMaySync(partnerId)
    const kind = await kindFor(partnerId, portalId, reason)
    const resumes = kind === 'initial' ? await history.unfinishedImport(partnerId, portalId) : null
    const wanted = { partnerId, portalId, kind, trigger: reason.trigger, resumes }
    let { run, created } = await runs.create(wanted)
    while (!created && run.portal_id !== portalId) {
      // Another portal was connected: nobody needs the run of the former one any more.
      await cancel(partnerId)
      ;({ run, created } = await runs.create(wanted))
    }
    if (created)
      await queue.add(jobOf(run), {
        runId: run._id.toHexString(),
        partnerId: partnerId.toHexString(),
      })
    return { run, created }
  }

  /** Partners whose work alongside a run is being put into the queue */
  const beingQueued = new Set<string>()

  async function queueAlongside(partnerId: ObjectId, trigger: RunTrigger): Promise<void> {
    const name: JobName = trigger === 'write_back' ? 'write-back' : 'webhook-drain'
    const key = `${name}:${partnerId.toHexString()}`
    if (beingQueued.has(key)) return
    beingQueued.add(key)
    await queue
      .add(name, { partnerId: partnerId.toHexString(), beside: true })
      .finally(() => beingQueued.delete(key))
  }

  /**
   * Has what waits worked off: by a new run if none is active, by the next pass of a run of the
   * same kind, or alongside a run of another kind.
   */
  async function workOff(partnerId: ObjectId, reason: SyncReason): Promise<SyncRunDocument> {
    for (;;) {
      const { run, created } = await start(partnerId, reason)
      if (created) return run
      const next = { kind: reason.kind ?? 'incremental', trigger: reason.trigger }
      const isSame = run.trigger === next.trigger && run.kind === next.kind
      // Somebody asked for a comparison, and one is under way.
      if (reason.trigger === 'manual' && run.kind === next.kind) return run
      if (!isSame && !needsRunOfItsOwn(reason)) {
        await queueAlongside(partnerId, reason.trigger)
        return run
      }
      // A run that has not started will see everything that waits.
      if (isSame && run.status === 'queued') return run
      if (await runs.askAgain(run._id, next)) return run
    }
  }

  async function quietly(
    partnerId: ObjectId,
    { trigger }: SyncReason,
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof DomainError) return
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

  /**
   * Asks for a run. Where something waits to be worked off, it will be, whatever is under way; else
   * the run that is under way is returned.
   * @throws {NotConnected} {ReauthorizationRequired} {SyncPaused}
   */
  async function requestSync(partnerId: ObjectId, reason: SyncReason): Promise<{ id: string }> {
    // The schedule's comparison is due until one has ended, and asks again by itself.
    const mustFollow =
      somethingWaits.includes(reason.trigger) ||
      (reason.trigger === 'manual' && reason.kind === 'reconcile')
    const run = mustFollow ? await workOff(partnerId, reason) : (await start(partnerId, reason)).run
    return { id: run._id.toHexString() }
  }

  return {
    requestSync,

    /** Like `requestSync`, but never fails its caller: the schedule finds what waits as well. */
    requestQuietly: (partnerId: ObjectId, reason: SyncReason): Promise<void> =>
      quietly(partnerId, reason, () => requestSync(partnerId, reason)),

    /** Starts the run that was asked for while the last one was under way. Never throws. */
    requestNext: (partnerId: ObjectId, reason: SyncReason): Promise<void> =>
      quietly(partnerId, reason, () => start(partnerId, reason)),

    /** Ends the partner's run, whichever process carries it out. Idempotent. */
    cancel,
  }
}
export type SyncRequests = ReturnType<typeof createSyncRequests>
