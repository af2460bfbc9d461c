import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type {
  RecordOutcome,
  RunCounts,
  RunKind,
  RunPhase,
  RunStatus,
  RunTrigger,
} from '#shared/contracts/runs'
import type { LeaseDocument } from './installation'

/** Runs of the sync, what they did, and where the next goes on. */

export interface SyncRunDocument {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  portal_id: string
  kind: RunKind
  status: RunStatus
  trigger: RunTrigger
  /** `true` while queued or running: the unique partial index on it allows one run per partner */
  active: boolean
  phase: RunPhase | null
  /** Where to go on after a kill; the shape belongs to the phase */
  checkpoint: Record<string, unknown> | null
  /** Taken before the first page; becomes the partner's watermark when the run succeeds */
  watermark: Date
  counts: RunCounts
  total: number | null
  error: Failure | null
  identical: { compared: number; identical: number; repaired: number } | null
  lease: LeaseDocument | null
  /**
   * Changed a record, failed in part or whole, was stopped, or goes on: most runs of a quiet
   * account do none of it
   */
  eventful?: boolean
  /** The pass that somebody asked for while this run was under way */
  again: { kind: RunKind; trigger: RunTrigger } | null
  queued_at: Date
  started_at: Date | null
  finished_at: Date | null
  /** Changes with every visible change; drives the event stream */
  version: number
  updated_at: Date
}

/** What a run did with one record. No name and no value: those stand with the record. */
export interface RunResultDocument {
  _id: ObjectId
  partner_id: ObjectId
  run_id: ObjectId
  portal_id: string
  /**
   * Direction, object and record: unique within the run, so that a page stored again after a kill
   * tells the same again
   */
  key: string
  object: 'lead' | 'deal'
  direction: 'in' | 'out'
  outcome: RecordOutcome
  record_id: ObjectId | null
  hubspot_id: string | null
  fields: string[]
  reason: string | null
  error: Failure | null
  at: Date
  /** As long as the run itself is kept */
  expires_at: Date
}

/** Per partner and portal: what incremental sync goes on from. */
export interface SyncCursorDocument {
  /** `<partner id>:<portal id>` */
  _id: string
  partner_id: ObjectId
  portal_id: string
  /** Modified up to here has been seen, with the overlap still to be re-read */
  contacts_watermark: Date | null
  deals_watermark: Date | null
  /** The delayed completeness pass has covered up to here */
  complete_until: Date | null
  /**
   * Where the rotating looks over archived records, over our archived ones and over the deals'
   * contacts go on: each run takes a bounded part
   */
  sweep?: {
    archived_contacts: string | null
    archived_deals: string | null
    restored_contacts: string | null
    restored_deals: string | null
    associations: string | null
  }
  /** HubSpot lists narrow what is synced: a run reads who is on them */
  follows_lists?: boolean
  /** When the last part was taken; absent in earlier versions */
  swept_at?: Date
  reconciled_at: Date | null
  /** The account's time zone in which everything was read last; absent in earlier versions: UTC */
  zone?: string
  initial_done_at: Date | null
  updated_at: Date
}
