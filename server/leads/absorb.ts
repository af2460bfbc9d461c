import type { ObjectId } from 'mongodb'
import { leadFields } from '../../shared/leads/fields'
import type { Clock } from '../clock'
import type { Collections } from '../database/collections'
import type { LeadDocument } from '../database/documents'
import { leadSearchWords } from './blank'
import { pushHistory } from './history'

/**
 * Two leads turn out to be one HubSpot contact: the one that is not linked gives its deals, and the values that the other lacks, to the linked one and goes.
 * Each step can be repeated: a kill in between leaves the duplicate, and the next write finds it again.
 */
export async function absorbDuplicate({ leads, deals }: Collections, clock: Clock, { partnerId, duplicateId, portalId, hubspotId }: { partnerId: ObjectId, duplicateId: ObjectId, portalId: string, hubspotId: string }): Promise<void> {
  const [duplicate, keeper] = await Promise.all([
    leads.findOne({ _id: duplicateId, partner_id: partnerId }),
    leads.findOne({ partner_id: partnerId, portal_id: portalId, hubspot_id: hubspotId }),
  ])
  if (!duplicate || !keeper || duplicate._id.equals(keeper._id)) return
  const now = clock()
  const filled = leadFields.filter(field => keeper.values[field] === null && duplicate.values[field] !== null)
  if (filled.length > 0) {
    const values: LeadDocument['values'] = { ...keeper.values }
    for (const field of filled) values[field] = duplicate.values[field]
    await leads.updateOne({ _id: keeper._id, partner_id: partnerId, version: keeper.version }, {
      $push: pushHistory({ at: now, side: 'ours', kind: 'merged', fields: filled.map(field => ({ field, from: null, to: duplicate.values[field], rule: 'linked_by_email' })) }),
      $set: { values, search: leadSearchWords(values), dirty: keeper.archived_at === null, updated_at: now, ...Object.fromEntries(filled.map(field => [`changed_at.${field}`, now])) },
      $inc: { revision: 1, version: 1 },
    })
  }
  const ofDuplicate = { partner_id: partnerId, lead_ids: duplicate._id }
  await deals.updateMany(ofDuplicate, { $addToSet: { lead_ids: keeper._id }, $inc: { version: 1 } })
  await deals.updateMany(ofDuplicate, { $pullAll: { lead_ids: [duplicate._id] }, $set: { updated_at: now, 'sync.next_try_at': null }, $inc: { version: 1 } })
  await leads.deleteOne({ _id: duplicate._id, partner_id: partnerId })
}
