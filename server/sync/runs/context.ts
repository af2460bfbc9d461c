import type { ObjectId } from 'mongodb'
import type { RunCounts, RunKind, RunPhase } from '#shared/contracts/runs'
import type { Clock } from '../../config/clock'
import type { SyncRunDocument } from '../../database/documents'
import type { Crm, RequestPriority } from '../../hubspot/crm-types'
import type { Log } from '../../observability/log'
import type { Tell } from './results'

/** One step's progress. Stored in one write, under the run's lease. */
export interface Progress {
  /** What the run is doing, for the page */
  phase?: RunPhase
  /** Where to continue after a kill. Replaces the former one; each runner has its own shape. */
  checkpoint?: Record<string, unknown> | null
  /** Added to what was counted so far */
  counts?: Partial<RunCounts>
  /** Records expected in all; `null` when it is not known */
  total?: number | null
  /** Reconcile runs only */
  identical?: SyncRunDocument['identical']
}

/**
 * What a runner gets: one run of one partner, whose lease this process holds and prolongs. A runner
 * must be idempotent: after a kill at any point, another process calls it again with the checkpoint
 * that it saved last.
 */
export interface RunContext {
  /** As it stood when this process took it */
  run: SyncRunDocument
  partnerId: ObjectId
  portalId: string
  /** For this partner. Initial and reconcile runs leave room for people and webhooks */
  crm: Crm
  /**
   * Fires when the run is cancelled, its lease is lost or the process stops: stop at the next page
   * and throw `signal.reason`
   */
  signal: AbortSignal
  /** The checkpoint saved last, `null` at the very beginning */
  checkpoint<T extends Record<string, unknown>>(): T | null
  /**
   * @throws {RunInterrupted} when the run is no longer ours: cancelled, taken over, or the process
   *   stops
   */
  save(progress: Progress): Promise<void>
  /** Notes the outcome for one record. The next `save` stores it, within the same page. */
  tell: Tell
  now: Clock
  log: Log
}

export type Runner = (context: RunContext) => Promise<unknown>

/** Which runner carries a run out: by its kind, but for runs that a local change started. */
export type Runners = Record<RunKind | 'write_back', Runner>

export function runnerFor(runners: Runners, { kind, trigger }: SyncRunDocument): Runner {
  return runners[trigger === 'write_back' ? 'write_back' : kind]
}

/**
 * The run no longer belongs to this process, which must not write anything of it from here on. The
 * run itself has not failed.
 */
export class RunInterrupted extends Error {
  constructor(readonly why: 'cancelled' | 'lease_lost' | 'stopping') {
    super(`Run interrupted: ${why}`)
    this.name = 'RunInterrupted'
  }
}

const backgroundKinds: readonly RunKind[] = ['initial', 'reconcile']

/** Somebody waits for a run that a person or a webhook started; a backfill leaves room for it. */
function priorityOf({ kind, trigger }: SyncRunDocument): RequestPriority {
  if (backgroundKinds.includes(kind)) return 'backfill'
  return trigger === 'schedule' ? 'normal' : 'interactive'
}

export interface ContextDeps {
  crmFor(partnerId: ObjectId, options: { priority: RequestPriority; signal: AbortSignal }): Crm
  clock: Clock
  log: Log
}

/** Where a run's progress goes */
export interface ProgressStore {
  save(progress: Progress): Promise<void>
  tell: Tell
}

export function createRunContext(
  { crmFor, clock, log }: ContextDeps,
  run: SyncRunDocument,
  signal: AbortSignal,
  store: ProgressStore,
): RunContext {
  let { checkpoint } = run
  return {
    run,
    partnerId: run.partner_id,
    portalId: run.portal_id,
    signal,
    crm: crmFor(run.partner_id, { priority: priorityOf(run), signal }),
    checkpoint: <T extends Record<string, unknown>>() => checkpoint as T | null,
    async save(progress) {
      signal.throwIfAborted()
      await store.save(progress)
      if (progress.checkpoint !== undefined) ({ checkpoint } = progress)
    },
    tell: store.tell,
    now: clock,
    log: log.child({
      partnerId: run.partner_id.toHexString(),
      portalId: run.portal_id,
      runId: run._id.toHexString(),
      kind: run.kind,
    }),
  }
}
