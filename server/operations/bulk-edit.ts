import { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { AnyRecord, KindName } from '../database/documents'
import { NotFound } from '../errors'
import type { Deals } from '../leads/deals'
import type { Leads } from '../leads/leads'
import { createListRepository } from '../leads/list-repository'
import { kinds } from '../records/kinds'
import { findByIds } from '../records/repository/by-ids'
import type { Outcome } from './repository'
import {
  eachOf,
  editorOf,
  isDoneBy,
  stepSize,
  whyRefused,
  type OperationOf,
  type Runner,
} from './step'

export interface BulkEditDeps {
  collections: Collections
  records: { leads: Leads; deals: Deals }
}

type Bulk = OperationOf<'bulk_edit'>

/** The same change for many records, by the same way as a change of one. */
export function createBulkEdit({ collections, records }: BulkEditDeps): Runner<'bulk_edit'> {
  const lists = createListRepository(collections)

  /** @returns the next records to change, with the cursor for those after them */
  async function nextOf({
    partner_id,
    task: { object, which },
    cursor,
  }: Bulk): Promise<{ ids: ObjectId[]; next: Record<string, unknown> | null }> {
    if ('ids' in which) {
      const start = Number(cursor?.index ?? 0)
      const end = start + stepSize
      return {
        ids: which.ids.slice(start, end),
        next: end < which.ids.length ? { index: end } : null,
      }
    }
    const after = typeof cursor?.after === 'string' ? new ObjectId(cursor.after) : null
    const found = await lists.page(kinds[object], partner_id, which.filter, {
      after,
      until: which.until,
      limit: stepSize,
      projection: { _id: 1 },
    })
    const last = found.length === stepSize ? found.at(-1) : undefined
    return { ids: found.map(({ _id }) => _id), next: last ? { after: String(last._id) } : null }
  }

  async function edit(
    operation: Bulk,
    id: ObjectId,
    stored: AnyRecord | undefined,
  ): Promise<Outcome | 'done'> {
    const { object, patch } = operation.task
    const left = (outcome: Outcome['outcome'], why: string): Outcome => ({
      object,
      recordId: id,
      outcome,
      why,
    })
    if (isDoneBy(operation, stored)) return 'done'
    const by = editorOf(operation)
    try {
      const { isChanged } = await records[kinds[object].collection].edit(
        operation.partner_id,
        id.toHexString(),
        patch,
        by,
      )
      return isChanged ? 'done' : left('skipped', 'It has these values already.')
    } catch (error) {
      if (error instanceof NotFound) return left('skipped', 'It does not exist any more.')
      return left('failed', whyRefused(error))
    }
  }

  return async operation => {
    const { ids, next } = await nextOf(operation)
    const kind = kinds[operation.task.object]
    const stored = await findByIds<KindName>(collections, kind, operation.partner_id, ids)
    const results = await eachOf(ids, async id => edit(operation, id, stored.get(id.toHexString())))
    const outcomes = results.filter(result => result !== 'done')
    return { next, done: results.length - outcomes.length, outcomes }
  }
}
