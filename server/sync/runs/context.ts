import type { ObjectId } from 'mongodb'
import type { RunCounts, RunKind, RunPhase } from '#shared/contracts/runs'
import type { SyncRunDocument } from '../../database/documents'
import type { Crm } from '../../hubspot/crm-types'
import type { Log } from '../../observability/log'
import type { Tell } from './results'

/** One step's progress. Stored in one write, under the run's lease. */
export interface Progress {
  /** What the run is doing, for the page */
  phase?: RunPhase
  /** Where to go on after a kill. Replaces the former one; shape is the runner's own business. */
  checkpoint?: Record<string, unknown> | null
  /** Added to what was counted so far */
  counts?: Partial<RunCounts>
  /** Records expected in all; `null` when it is not known */
  total?: number | null
  /** Reconcile runs only */
  identical?: SyncRunDocument['identical']
}

/**
 * What a runner gets: one run of one partner, which this process holds the lease of. The lease is
 * kept alive in the background. A runner must bear being called again with the checkpoint that it
 * saved last: in another process, after a kill at any point.
 */
export interface RunContext {
  /** As it stood when this process took it */
  run: SyncRunDocument
  partnerId: ObjectId
  portalId: string
  /** For this partner; reads of initial and reconcile runs leave room for people and webhooks */
  crm: Crm
  /**
   * Fires when the run is cancelled, its lease is lost or the process stops: stop at the next page,
   * throw what `signal.reason` is
   */
  signal: AbortSignal
  /** The checkpoint saved last, `null` at the very beginning */
  checkpoint<T extends Record<string, unknown>>(): T | null
  /**
   * @throws {RunInterrupted} when the run is no longer ours: cancelled, taken over, or the process
   *   stops
   */
  save(progress: Progress): Promise<void>
  /** Notes what came of one record. It is stored with the next `save`, so within the same page. */
  tell: Tell
  log: Log
}

export type Runner = (context: RunContext) => Promise<void>

/** Who carries out which kind of run. */
export type Runners = Record<RunKind, Runner>

/**
 * The run is not this process's any more; nothing of it may be written from here on. Not a failure
 * of the run.
 */
export class RunInterrupted extends Error {
  constructor(readonly why: 'cancelled' | 'lease_lost' | 'stopping') {
    super(`Run interrupted: ${why}`)
    this.name = 'RunInterrupted'
  }
}
