import type { Failure } from '#shared/contracts/primitives'
import type { AnyRecord, StoredFailure, SyncStateDocument } from '../database/documents'

/**
 * Whether a record is in sync, waits to be written, or failed, and why. Nobody else sets
 * `sync.state`.
 */

/** What changes together with the state of a record. What is absent stays as it is. */
export interface StateChange extends Partial<
  Pick<SyncStateDocument, 'state' | 'error' | 'attempts' | 'next_try_at' | 'scope'>
> {
  /** The outbox mark */
  dirty?: boolean
}

/** "Not until somebody changes something": HubSpot refused for good. */
export const neverAgain = new Date('9999-12-31T00:00:00.000Z')

/** Shown on a deal whose stage has no place in HubSpot; everything else of it keeps syncing. */
export const stageNotMapped: Failure = {
  code: 'stage_not_mapped',
  message:
    "No HubSpot stage is chosen to write this deal's stage to. Choose one in the stage mapping.",
  correlationId: null,
}

const untried = { error: null, attempts: 0, next_try_at: null } as const

/** Both sides agree: nothing is left to write. */
export const inSync = { dirty: false, state: 'in_sync', ...untried } as const
/** A change made here is to be written. */
export const waiting = { dirty: true, state: 'pending', ...untried } as const
/** HubSpot deleted its record, or another account is connected: nothing to be in sync with. */
export const archivedInHubspot = {
  dirty: false,
  state: 'unlinked',
  scope: null,
  ...untried,
} as const
/** In sync but for the stage, which has no place in HubSpot. */
export const stageIsStuck = { ...inSync, state: 'failed', error: stageNotMapped } as const
/** It is left out of what is synced: nothing of it is read or written until it comes back. */
export function outOfScope(scope: NonNullable<SyncStateDocument['scope']>) {
  return { dirty: false, state: 'out_of_scope', scope, ...untried } as const
}
/** A new record that was left out is looked at again. */
export const lookedAtAgain = { dirty: true, state: 'pending', scope: null, ...untried } as const
/** A failed write is to be tried again at once. */
export const triedAgain = { state: 'pending', ...untried } as const

/** HubSpot did not take the write. @param retryAt `null`: not before one of the sides changes */
export function refused(error: StoredFailure, retryAt: Date | null): StateChange {
  return { state: 'failed', error, next_try_at: retryAt ?? neverAgain }
}

/** HubSpot refused the write, and it is not sent again before somebody changes something. */
export function isRefusedForGood({ sync }: Pick<AnyRecord, 'sync'>): boolean {
  return sync.state === 'failed' && sync.next_try_at?.getTime() === neverAgain.getTime()
}

/** Something changed here or was written: what HubSpot refused before may be accepted now. */
export function freshTry({ state }: SyncStateDocument): StateChange {
  return state === 'failed' ? triedAgain : { attempts: 0, next_try_at: null }
}

/**
 * Whether the record's object in HubSpot is gone: archived there, or of an account that another one
 * replaced. Such a record is taken up again by its e-mail address.
 */
export function isParted(record: Pick<AnyRecord, 'archived_at' | 'detached_at'>): boolean {
  return record.archived_at !== null || isDetached(record)
}

/** Whether it is of an account that is not connected any more. */
export function isDetached({ detached_at }: Pick<AnyRecord, 'detached_at'>): boolean {
  return (detached_at ?? null) !== null
}

/** Whether what changes in it may wait to be written. */
export function mayBeWritten(
  record: Pick<AnyRecord, 'archived_at' | 'detached_at' | 'sync'>,
): boolean {
  return !isParted(record) && !record.sync.scope
}

/** The state that a merge leaves a record in. */
export function stateAfterMerge(
  record: AnyRecord,
  merge: {
    /** Something is to be written to HubSpot */
    hasWrites: boolean
    /** HubSpot's side is another than before */
    isNews: boolean
    /** The stage was changed here, and the mapping names no stage of HubSpot's for it */
    isStageStuck: boolean
  },
): StateChange {
  if (isParted(record)) return archivedInHubspot
  if (record.sync.scope) return outOfScope(record.sync.scope)
  // What waits to be created stays as it is: its state hangs on whether write-back is on.
  if (record.hubspot_id === null) return {}
  if (!merge.hasWrites) return merge.isStageStuck ? stageIsStuck : inSync
  // A write that HubSpot refused stays refused until one of the sides changes.
  return record.dirty && record.sync.state === 'failed' && !merge.isNews ? {} : waiting
}

/** The record with its state changed. */
export function withState<D extends AnyRecord>(record: D, { dirty, ...sync }: StateChange): D {
  return { ...record, dirty: dirty ?? record.dirty, sync: { ...record.sync, ...sync } }
}

/** The same change for `$set`, without reading the record. */
export function stateUpdate({ dirty, ...sync }: StateChange): Record<string, unknown> {
  return {
    ...(dirty === undefined ? {} : { dirty }),
    ...Object.fromEntries(Object.entries(sync).map(([name, value]) => [`sync.${name}`, value])),
  }
}
