import type { Collection, Filter, ObjectId } from 'mongodb'
import { dealFields, leadFields } from '#shared/leads/fields'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { DealDocument, LeadDocument } from '../database/documents'
import { dealSearchWords, leadSearchWords } from './blank'
import { pushHistory } from './history'

export interface Duplicate {
  partnerId: ObjectId
  duplicateId: ObjectId
  portalId: string
  hubspotId: string
}

/** @returns the record that goes and the one that stays; `null` when there are not two any more */
async function pairOf<D extends LeadDocument | DealDocument>(
  records: Collection<D>,
  { partnerId, duplicateId, portalId, hubspotId }: Duplicate,
) {
  const where = (filter: Filter<LeadDocument>) => filter as unknown as Filter<D>
  const [duplicate, keeper] = await Promise.all([
    records.findOne(where({ _id: duplicateId, partner_id: partnerId })),
    records.findOne(where({ partner_id: partnerId, portal_id: portalId, hubspot_id: hubspotId })),
  ])
  return duplicate && keeper && !duplicate._id.equals(keeper._id) ? { duplicate, keeper } : null
}

/**
 * What one record lacks and the other has, and the first one with it. @param rule why they are one,
 * for the history
 */
function filling<F extends string, V extends Record<F, string | null>>(
  fields: readonly F[],
  keeper: V,
  duplicate: V,
  now: Date,
  rule: string,
) {
  const filled = fields.filter(field => keeper[field] === null && duplicate[field] !== null)
  return {
    values: { ...keeper, ...Object.fromEntries(filled.map(field => [field, duplicate[field]])) },
    entry: {
      at: now,
      side: 'ours' as const,
      kind: 'merged' as const,
      fields: filled.map(field => ({ field, from: null, to: duplicate[field], rule })),
    },
    changed: Object.fromEntries(filled.map(field => [`changed_at.${field}`, now])),
    isNeeded: filled.length > 0,
  }
}

/**
 * Two leads turn out to be one HubSpot contact: the one that is not linked gives its deals, and the
 * values that the other lacks, to the linked one and goes. Each step can be repeated: a kill in
 * between leaves the duplicate, and the next write finds it again.
 */
export async function absorbLead(
  { leads, deals }: Collections,
  clock: Clock,
  twin: Duplicate,
): Promise<void> {
  const pair = await pairOf(leads, twin)
  if (!pair) return
  const { duplicate, keeper } = pair
  const { partnerId } = twin
  const now = clock()
  const { values, entry, changed, isNeeded } = filling(
    leadFields,
    keeper.values,
    duplicate.values,
    now,
    'linked_by_email',
  )
  if (isNeeded) {
    await leads.updateOne(
      { _id: keeper._id, partner_id: partnerId, version: keeper.version },
      {
        $push: pushHistory(entry),
        $set: {
          values,
          search: leadSearchWords(values),
          dirty: keeper.archived_at === null,
          updated_at: now,
          ...changed,
        },
        $inc: { revision: 1, version: 1 },
      },
    )
  }
  const ofDuplicate = { partner_id: partnerId, lead_ids: duplicate._id }
  await deals.updateMany(ofDuplicate, { $addToSet: { lead_ids: keeper._id }, $inc: { version: 1 } })
  await deals.updateMany(ofDuplicate, {
    $pullAll: { lead_ids: [duplicate._id] },
    $set: { updated_at: now, 'sync.next_try_at': null },
    $inc: { version: 1 },
  })
  await leads.deleteOne({ _id: duplicate._id, partner_id: partnerId })
}

/**
 * The same for two deals that are one deal in HubSpot; the leads that the linked one lacks are tied
 * to it, here and there.
 */
export async function absorbDeal(
  { deals }: Collections,
  clock: Clock,
  twin: Duplicate,
): Promise<void> {
  const pair = await pairOf(deals, twin)
  if (!pair) return
  const { duplicate, keeper } = pair
  const { partnerId } = twin
  const now = clock()
  const { values, entry, changed, isNeeded } = filling(
    dealFields,
    keeper.values,
    duplicate.values,
    now,
    'found_in_hubspot',
  )
  const untied = duplicate.lead_ids.filter(id => !keeper.lead_ids.some(one => one.equals(id)))
  if (isNeeded || untied.length > 0) {
    await deals.updateOne(
      { _id: keeper._id, partner_id: partnerId, version: keeper.version },
      {
        ...(isNeeded ? { $push: pushHistory(entry) } : {}),
        $set: {
          values,
          search: dealSearchWords(values),
          lead_ids: [...keeper.lead_ids, ...untied],
          associations_dirty: keeper.associations_dirty || untied.length > 0,
          dirty: keeper.archived_at === null,
          'sync.next_try_at': null,
          updated_at: now,
          ...changed,
        },
        $inc: { revision: 1, version: 1 },
      },
    )
  }
  await deals.deleteOne({ _id: duplicate._id, partner_id: partnerId })
}
