import type { ObjectId } from 'mongodb'
import type { Failure } from '#shared/contracts/primitives'
import type { LeadPatch } from '#shared/contracts/leads'
import type { OperationCounts } from '#shared/contracts/operations'
import type { RunStatus } from '#shared/contracts/runs'
import type { LeaseDocument } from './installation'
import type { AnyRecord, KindName } from './records'

/** Changes of many records at once, and what became of each. */

/** What an operation does. Values are checked by the contract before they are stored. */
export type OperationTask =
  | {
      kind: 'bulk_edit'
      object: KindName
      /** The records by their ids, or by a list's query up to the id that was newest then */
      which: { ids: ObjectId[] } | { filter: Record<string, string>; until: ObjectId }
      patch: Record<string, unknown>
    }
  | { kind: 'undo'; of: UndoSource }
  /** Its lines stand in `import_rows`, in so many documents */
  | { kind: 'import'; chunks: number }

/** What is taken back: all of a run or operation, or one change of one record */
export type UndoSource =
  | { is: 'run' | 'operation'; cause: ObjectId }
  | { is: 'entry'; object: KindName; recordId: ObjectId; entryId: ObjectId }

/** A record that an undo removed, to be put back when that is undone. */
export interface DeletedRecordDocument {
  _id: ObjectId
  partner_id: ObjectId
  /** The operation that removed it */
  cause: ObjectId
  object: KindName
  record_id: ObjectId
  hubspot_id: string | null
  document: AnyRecord
  /** Its object still stands in HubSpot, and is not stored here again meanwhile */
  dismissed?: true
  expires_at: Date
}

/** A record that was deleted here only: what HubSpot sends of it is not stored again. */
export interface DismissedRecordDocument {
  /** `<partner id>:<portal id>:<contacts or deals>:<HubSpot id>` */
  _id: string
  partner_id: ObjectId
  at: Date
}

export interface OperationDocument {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  task: OperationTask
  status: RunStatus
  by: { user_id: ObjectId; email: string } | null
  /** Where to continue after a kill; the shape belongs to the task */
  cursor: Record<string, unknown> | null
  counts: OperationCounts
  error: Failure | null
  /** The operation that took it back, while that stands */
  undone_by: ObjectId | null
  lease: LeaseDocument | null
  queued_at: Date
  started_at: Date | null
  finished_at: Date | null
  expires_at: Date
}

/** A record that an operation left as it is. What was changed stands in the record's history. */
export interface OperationResultDocument {
  _id: ObjectId
  partner_id: ObjectId
  operation_id: ObjectId
  /** Record or line: unique within the operation */
  key: string
  object: KindName
  record_id: ObjectId | null
  line: number | null
  outcome: 'failed' | 'skipped'
  why: string
  expires_at: Date
}

/** A line of an imported file: what it sets and the id of a new lead, or why it is left out */
export type ImportRow =
  { line: number; id: ObjectId; input: Omit<LeadPatch, 'revision'> } | { line: number; why: string }

/** Some lines of a file that is being imported. Deleted when the operation has ended. */
export interface ImportRowsDocument {
  _id: ObjectId
  partner_id: ObjectId
  operation_id: ObjectId
  /** Its place in the file, from 0 */
  index: number
  rows: ImportRow[]
  expires_at: Date
}
