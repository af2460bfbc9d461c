import type { ObjectId } from 'mongodb'
import type { AnyRecord } from '../../database/documents'
import type { RecordWrite } from '../../records/repository/bulk-write'
import type { Outcome, Plan } from './page'

/** What a record keeps of the page that wrote it, so that it is counted once */
export interface Mark {
  runId: ObjectId | null
  page: string
}

/**
 * How a record counts in its run. What this page did before a kill counts again (its counts were
 * lost with the checkpoint); what another page of the same run did was counted there.
 * @returns `null` when it has been counted already
 */
export function countedAs(
  stored: AnyRecord | undefined,
  outcome: Outcome,
  mark: Mark,
): Outcome | null {
  if (!stored || mark.runId === null || !stored.last_run?.equals(mark.runId)) return outcome
  return stored.last_page === mark.page ? (stored.last_outcome ?? outcome) : null
}

/** @returns the writes of one page's plans, marked so that each record is counted once */
export function writesOf(plans: ReadonlyMap<string, Plan>, mark: Mark): RecordWrite[] {
  return [...plans].flatMap(([key, { next, outcome, action }]): RecordWrite[] => {
    if (action === 'none') return []
    const marked: AnyRecord = {
      ...next,
      version: next.version + 1,
      last_run: mark.runId,
      last_page: mark.page,
      last_outcome: outcome,
    }
    const { _id, version } = next
    return action === 'insert'
      ? [{ key, insert: marked }]
      : [{ key, update: { _id, version, set: inboundFields(marked) } }]
  })
}

/** All that inbound sync may change. When fields were edited here (changed_at) is not among it. */
function inboundFields(record: AnyRecord): Partial<AnyRecord> {
  const { _id, schema_version, partner_id, changed_at, created_at, ...fields } = record
  return fields
}
