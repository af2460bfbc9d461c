import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { ObjectType } from '../../hubspot/crm-types'

/**
 * A created object may be imported by webhook or search before the answer to its create is stored.
 * That copy, which nobody has edited, is deleted in favour of the edited record, which keeps its id.
 * Each step can be repeated.
 * @param input.since when the create was about to be sent; an older record is no copy
 */
export async function removeShadowCopy(
  { leads, deals }: Collections,
  input: {
    type: ObjectType
    partnerId: ObjectId
    portalId: string
    hubspotId: string
    recordId: ObjectId
    since: Date
  },
): Promise<void> {
  const { type, partnerId, portalId, hubspotId, recordId, since } = input
  const copy = {
    partner_id: partnerId,
    portal_id: portalId,
    hubspot_id: hubspotId,
    revision: 0,
    created_at: { $gte: since },
    _id: { $ne: recordId },
  }
  if (type === 'deals') {
    await deals.deleteOne(copy)
    return
  }
  const found = await leads.findOne(copy, { projection: { _id: 1 } })
  if (!found) return
  const ofCopy = { partner_id: partnerId, lead_ids: found._id }
  await deals.updateMany(ofCopy, { $addToSet: { lead_ids: recordId }, $inc: { version: 1 } })
  await deals.updateMany(ofCopy, { $pullAll: { lead_ids: [found._id] }, $inc: { version: 1 } })
  await leads.deleteOne({ ...copy, _id: found._id })
}
