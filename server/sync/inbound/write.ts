import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import type { RecordKind } from '../../records/kinds'
import { writeRecords, type RecordWrite } from '../../records/repository/bulk-write'
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

/**
 * Writes one page's plans in one bulk.
 * @returns the HubSpot ids whose write had no effect because another one came first (to be planned
 *   again), and those that failed for good
 */
export async function writePlans(
  collections: Pick<Collections, 'leads' | 'deals'>,
  kind: RecordKind,
  plans: ReadonlyMap<string, Plan>,
  mark: Mark,
): Promise<{ again: string[]; failed: string[] }> {
  const ids: string[] = []
  const writes: RecordWrite[] = []
  for (const [hubspotId, { next, outcome, action }] of plans) {
    if (action === 'none') continue
    const marked: AnyRecord = {
      ...next,
      version: next.version + 1,
      last_run: mark.runId,
      last_page: mark.page,
      last_outcome: outcome,
    }
    ids.push(hubspotId)
    writes.push(
      action === 'insert'
        ? { insert: marked }
        : { update: { _id: next._id, version: next.version, set: inboundFields(marked) } },
    )
  }
  const { again, failed } = await writeRecords(collections, kind, writes)
  const idsOf = (indexes: number[]) => indexes.flatMap(index => ids[index] ?? [])
  return { again: idsOf(again), failed: idsOf(failed) }
}

/** All that inbound sync may change. When fields were edited here (changed_at) is not among it. */
function inboundFields(record: AnyRecord): Partial<AnyRecord> {
  const { _id, schema_version, partner_id, changed_at, created_at, ...fields } = record
  return fields
}
