import type { AnyBulkWriteOperation, Collection, ObjectId } from 'mongodb'
import { refusedWrites } from '../../database/bulk-errors'
import type { DealDocument, LeadDocument } from '../../database/documents'
import type { Crm, CrmObject, ObjectType } from '../../hubspot/crm-types'
import type { FieldReport } from '../../records/merge-field'
import type { Tell } from '../runs/results'

export interface InboundPage {
  partnerId: ObjectId
  portalId: string
  type: ObjectType
  records: CrmObject[]
  /**
   * Applies only to records that are linked and not archived here; the others are named to the
   * caller. For answers that may be out of date.
   */
  linkedOnly?: boolean
  /** The run that counts this page; `null` outside of runs */
  runId: ObjectId | null
  /**
   * Asked when HubSpot set a value, where the latest edit wins a conflict; without it the record's
   * modification date stands for each of its fields
   */
  crm?: Pick<Crm, 'changedAt'>
  /** Told what came of each record that changed or failed */
  tell?: Tell
  /**
   * Names the page within its run: the same for the same page read again after a kill. Unless
   * given, its first record's id.
   */
  page?: string
}

export interface InboundCounts {
  seen: number
  created: number
  updated: number
  unchanged: number
  failed: number
}

export type Outcome = 'created' | 'updated' | 'unchanged'

/** What one record's arrival comes to. */
export interface Plan<D> {
  next: D
  outcome: Outcome
  /** `none`: nothing to store */
  action: 'insert' | 'update' | 'none'
  /** What was decided field by field; empty where nothing was merged */
  reports: FieldReport[]
}

export interface Mark {
  runId: ObjectId | null
  page: string
}

/** @returns the ids of the records that were merged into this one, as it says itself */
export function mergedIdsOf({ id, properties }: Pick<CrmObject, 'id' | 'properties'>): string[] {
  return (properties.hs_merged_object_ids ?? '')
    .split(';')
    .map(one => one.trim())
    .filter(one => /^\d{1,20}$/.test(one) && one !== id)
}

/** The latest version of each record: a page may carry one twice. */
export function latestOfEach(records: readonly CrmObject[]): CrmObject[] {
  const latest = new Map<string, CrmObject>()
  for (const record of records) {
    const known = latest.get(record.id)
    if (!known || Date.parse(record.updatedAt) >= Date.parse(known.updatedAt))
      latest.set(record.id, record)
  }
  return [...latest.values()]
}

/**
 * How a record counts in its run. What this page did before a kill counts again (its counts were
 * lost with the checkpoint); what another page of the same run did was counted there.
 * @returns `null` when it has been counted already
 */
export function countedAs(
  stored: LeadDocument | DealDocument | undefined,
  outcome: Outcome,
  mark: Mark,
): Outcome | null {
  if (!stored || mark.runId === null || !stored.last_run?.equals(mark.runId)) return outcome
  return stored.last_page === mark.page ? (stored.last_outcome ?? outcome) : null
}

/**
 * Writes one page's plans in one unordered bulk. An update applies only to the version that was
 * read.
 * @returns the HubSpot ids whose write did not take effect because somebody else was faster (to be
 *   planned anew), and those that failed for good
 */
export async function writePlans<D extends LeadDocument | DealDocument>(
  collection: Collection<D>,
  plans: ReadonlyMap<string, Plan<D>>,
  mark: Mark,
): Promise<{ again: string[]; failed: string[] }> {
  const ids: string[] = []
  const operations: AnyBulkWriteOperation<D>[] = []
  let updates = 0
  for (const [hubspotId, { next, outcome, action }] of plans) {
    if (action === 'none') continue
    const marked: D = {
      ...next,
      version: next.version + 1,
      last_run: mark.runId,
      last_page: mark.page,
      last_outcome: outcome,
    }
    ids.push(hubspotId)
    if (action === 'insert') {
      operations.push({ insertOne: { document: marked } } as AnyBulkWriteOperation<D>)
      continue
    }
    updates += 1
    operations.push({
      updateOne: {
        filter: { _id: next._id, version: next.version },
        update: { $set: inboundFields(marked) },
      },
    } as unknown as AnyBulkWriteOperation<D>)
  }
  if (operations.length === 0) return { again: [], failed: [] }
  const again: string[] = []
  const failed: string[] = []
  let matched: number
  try {
    matched = (await collection.bulkWrite(operations, { ordered: false })).matchedCount
  } catch (error) {
    const { refused, matchedCount } = refusedWrites(error)
    matched = matchedCount
    for (const one of refused) {
      const hubspotId = ids[one.index]
      if (hubspotId === undefined) continue
      if (one.code === 11000) again.push(hubspotId)
      else failed.push(hubspotId)
      const operation = operations[one.index]
      if (operation && 'updateOne' in operation) updates -= 1
    }
  }
  if (matched < updates) again.push(...(await lostUpdates(collection, plans, again.concat(failed))))
  return { again, failed }
}

/** Updates whose document still stands at another version than the one they would have made. */
async function lostUpdates<D extends LeadDocument | DealDocument>(
  collection: Collection<D>,
  plans: ReadonlyMap<string, Plan<D>>,
  known: readonly string[],
): Promise<string[]> {
  const updates = [...plans].filter(([id, plan]) => plan.action === 'update' && !known.includes(id))
  const filter = { _id: { $in: updates.map(([, plan]) => plan.next._id) } } as Parameters<
    typeof collection.find
  >[0]
  const versions = new Map<string, number>()
  for (const document of await collection.find(filter, { projection: { version: 1 } }).toArray())
    versions.set(document._id.toHexString(), document.version)
  return updates
    .filter(([, plan]) => versions.get(plan.next._id.toHexString()) !== plan.next.version + 1)
    .map(([id]) => id)
}

/**
 * All that inbound sync may change. When fields were edited here (changed_at) is not among it.
 */
function inboundFields(document: LeadDocument | DealDocument): Record<string, unknown> {
  const { _id, schema_version, partner_id, changed_at, created_at, ...fields } = document
  return fields
}
