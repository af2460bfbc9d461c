import type { ObjectId } from 'mongodb'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import type { AssociationsDocument, LeadDocument } from '../../database/documents'
import { stateUpdate } from '../sync-state'

/** The leads of these deals, and those of their HubSpot contacts. @param further HubSpot ids */
export async function leadsOfAssociations(
  { leads }: Pick<Collections, 'leads'>,
  partnerId: ObjectId,
  portalId: string,
  deals: readonly AssociationsDocument[],
  further: readonly string[] = [],
): Promise<LeadDocument[]> {
  const leadIds = deals.flatMap(deal => deal.lead_ids)
  const contactIds = [...deals.flatMap(deal => deal.hubspot_contact_ids), ...further]
  if (leadIds.length + contactIds.length === 0) return []
  const [byId, byContact] = await Promise.all([
    leads
      .find({ partner_id: partnerId, _id: { $in: leadIds } })
      .hint('_id_')
      .toArray(),
    byHundreds(contactIds, ids =>
      leads
        .find({ partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: ids } })
        .toArray(),
    ),
  ])
  return [...byId, ...byContact]
}

/**
 * These leads have a contact in HubSpot now, or again: associations made here that waited for it
 * can be written.
 */
export async function wakeDeals(
  { deals }: Pick<Collections, 'deals'>,
  partnerId: ObjectId,
  leadIds: readonly ObjectId[],
): Promise<void> {
  if (leadIds.length === 0) return
  await deals.updateMany(
    {
      partner_id: partnerId,
      lead_ids: { $in: [...leadIds] },
      associations_dirty: true,
      archived_at: null,
      'sync.state': { $nin: ['failed', 'out_of_scope'] },
    },
    {
      $set: { ...stateUpdate({ dirty: true, next_try_at: null }), associations_stuck: false },
      $inc: { version: 1 },
    },
  )
}

/**
 * Deals of some leads become deals of another lead. First added, then removed: a kill in between
 * leaves no deal without its lead.
 * @param alongside set on each of these deals
 */
export async function moveDeals(
  { deals }: Pick<Collections, 'deals'>,
  partnerId: ObjectId,
  from: readonly ObjectId[],
  to: ObjectId,
  alongside: Record<string, unknown> = {},
): Promise<void> {
  const these = { partner_id: partnerId, lead_ids: { $in: [...from] } }
  await deals.updateMany(these, { $addToSet: { lead_ids: to }, $inc: { version: 1 } })
  await deals.updateMany(these, {
    $pullAll: { lead_ids: [...from] },
    $set: { ...alongside, associations_stuck: false },
    $inc: { version: 1 },
  })
}
