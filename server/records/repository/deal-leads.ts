import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import { kinds } from '../kinds'
import { findLinkedIds, type PortalOfPartner } from './linked'

/**
 * Adds leads to the deals that name their contacts.
 * @param leads by HubSpot contact id
 * @param arrived contacts that had no lead until now: their leads also join deals whose leads were
 *   edited here
 */
export async function addLeadsToDeals(
  { deals }: Pick<Collections, 'deals'>,
  clock: Clock,
  { partnerId, portalId }: PortalOfPartner,
  leads: ReadonlyMap<string, ObjectId>,
  arrived: ReadonlySet<string>,
): Promise<void> {
  if (leads.size === 0) return
  const naming = deals.find(
    {
      partner_id: partnerId,
      portal_id: portalId,
      hubspot_contact_ids: { $in: [...leads.keys()] },
    },
    { projection: { hubspot_contact_ids: 1, lead_ids: 1, associations_dirty: 1 } },
  )
  const operations = []
  for await (const deal of naming) {
    for (const id of deal.hubspot_contact_ids) {
      const leadId = leads.get(id)
      if (
        !leadId ||
        deal.lead_ids.some(one => one.equals(leadId)) ||
        (deal.associations_dirty && !arrived.has(id))
      )
        continue
      operations.push({
        updateOne: {
          // The association may have been removed in the meantime, in HubSpot or here: the deal
          // must still say what it said.
          filter: {
            _id: deal._id,
            hubspot_contact_ids: id,
            ...(arrived.has(id) ? {} : { associations_dirty: false }),
          },
          update: {
            $addToSet: { lead_ids: leadId },
            $set: { updated_at: clock() },
            $inc: { version: 1 },
          },
        },
      })
    }
  }
  if (operations.length > 0) await deals.bulkWrite(operations, { ordered: false })
}

/** @returns our leads by HubSpot contact id */
export async function leadIdsOf(
  collections: Pick<Collections, 'leads' | 'deals'>,
  portal: PortalOfPartner,
  contactIds: readonly string[],
): Promise<Map<string, ObjectId>> {
  const found = await findLinkedIds(collections, kinds.lead, portal, contactIds)
  return new Map(found.map(lead => [lead.hubspot_id, lead._id]))
}
