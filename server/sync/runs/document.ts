import { ObjectId } from 'mongodb'
import type { RunCounts, RunKind, RunTrigger } from '#shared/contracts/runs'
import type { SyncRunDocument } from '../../database/documents'

export const noCounts: RunCounts = {
  seen: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  writtenBack: 0,
}

export interface NewRun {
  partnerId: ObjectId
  portalId: string
  kind: RunKind
  trigger: RunTrigger
  /** An unfinished run whose work this one continues */
  resumes?: SyncRunDocument | null
}

/** @returns the document of a run that is queued and active */
export function newRunDocument(
  { partnerId, portalId, kind, trigger, resumes = null }: NewRun,
  now: Date,
): SyncRunDocument {
  return {
    _id: new ObjectId(),
    schema_version: 1,
    partner_id: partnerId,
    portal_id: portalId,
    kind,
    status: 'queued',
    trigger,
    active: true,
    eventful: true,
    phase: null,
    checkpoint: resumes?.checkpoint ?? null,
    watermark: resumes?.watermark ?? now,
    counts: resumes?.counts ?? noCounts,
    total: resumes?.total ?? null,
    error: null,
    identical: null,
    lease: null,
    again: null,
    queued_at: now,
    started_at: null,
    finished_at: null,
    version: 1,
    updated_at: now,
  }
}
