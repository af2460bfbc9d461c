import type { ObjectId } from 'mongodb'
import { dealFields, leadFields } from '../../shared/leads/fields'
import type { Clock } from '../clock'
import type { Collections } from '../database/collections'
import { dealSearchWords, leadSearchWords } from './blank'
import { pushHistory } from './history'

export interface Duplicate {
  partnerId: ObjectId
  duplicateId: ObjectId
  portalId: string
  hubspotId: string
}

/** What one record lacks and the other has, and the first one with it. */
function filling<F extends string, V extends Record<F, string | null>>(fields: readonly F[], keeper: V, duplicate: V, now: Date) {
  const filled = fields.filter(field => keeper[field] === null && duplicate[field] !== null)
  return {
    values: { ...keeper, ...Object.fromEntries(filled.map(field => [field, duplicate[field]])) },
    entry: { at: now, side: 'ours' as const, kind: 'merged' as const, fields: filled.map(field => ({ field, from: null, to: duplicate[field], rule: 'linked_by_email' })) },
    changed: Object.fromEntries(filled.map(field => [`changed_at.${field}`, now])),
    isNeeded: filled.length > 0,
  }
}

/**
 * Two leads turn out to be one HubSpot contact: the one that is not linked gives its deals, and the values that the other lacks, to the linked one and goes.
 * Each step can be repeated: a kill in between leaves the duplicate, and the next write finds it again.
 */
export async function absorbLead({ leads, deals }: Collections, clock: Clock, { partnerId, duplicateId, portalId, hubspotId }: Duplicate): Promise<void> {
  const [duplicate, keeper] = await Promise.all([
    leads.findOne({ _id: duplicateId, partner_id: partnerId }),
    leads.findOne({ partner_id: partnerId, portal_id: portalId, hubspot_id: hubspotId }),
  ])
  if (!duplicate || !keeper || duplicate._id.equals(keeper._id)) return
  const now = clock()
  const { values, entry, changed, isNeeded } = filling(leadFields, keeper.values, duplicate.values, now)
  if (isNeeded) {
    await leads.updateOne({ _id: keeper._id, partner_id: partnerId, version: keeper.version }, {
      $push: pushHistory(entry),
      $set: { values, search: leadSearchWords(values), dirty: keeper.archived_at === null, updated_at: now, ...changed },
      $inc: { revision: 1, version: 1 },
    })
  }
  const ofDuplicate = { partner_id: partnerId, lead_ids: duplicate._id }
  await deals.updateMany(ofDuplicate, { $addToSet: { lead_ids: keeper._id }, $inc: { version: 1 } })
  await deals.updateMany(ofDuplicate, { $pullAll: { lead_ids: [duplicate._id] }, $set: { updated_at: now, 'sync.next_try_at': null }, $inc: { version: 1 } })
  await leads.deleteOne({ _id: duplicate._id, partner_id: partnerId })
}

/** The same for two deals that are one deal in HubSpot; the leads that the linked one lacks are tied to it, here and there. */
export async function absorbDeal({ deals }: Collections, clock: Clock, { partnerId, duplicateId, portalId, hubspotId }: Duplicate): Promise<void> {
  const [duplicate, keeper] = await Promise.all([
    deals.findOne({ _id: duplicateId, partner_id: partnerId }),
    deals.findOne({ partner_id: partnerId, portal_id: portalId, hubspot_id: hubspotId }),
  ])
  if (!duplicate || !keeper || duplicate._id.equals(keeper._id)) return
  const now = clock()
  const { values, entry, changed, isNeeded } = filling(dealFields, keeper.values, duplicate.values, now)
  const untied = duplicate.lead_ids.filter(id => !keeper.lead_ids.some(one => one.equals(id)))
  if (isNeeded || untied.length > 0) {
    await deals.updateOne({ _id: keeper._id, partner_id: partnerId, version: keeper.version }, {
      ...(isNeeded ? { $push: pushHistory(entry) } : {}),
      $set: {
        values, 'search': dealSearchWords(values), 'lead_ids': [...keeper.lead_ids, ...untied], 'associations_dirty': keeper.associations_dirty || untied.length > 0,
        'dirty': keeper.archived_at === null, 'sync.next_try_at': null, 'updated_at': now, ...changed,
      },
      $inc: { revision: 1, version: 1 },
    })
  }
  await deals.deleteOne({ _id: duplicate._id, partner_id: partnerId })
}
