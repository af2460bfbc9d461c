import type { ObjectId } from 'mongodb'
import type { AssociationsDocument } from '../database/documents'

export interface Associations {
  /** Ids of HubSpot contacts, as HubSpot has them now; `undefined` when not known */
  remote: string[] | undefined
  /** When HubSpot was asked for them */
  readAt?: Date
  /** Our leads by HubSpot contact id, for the ids of before and now */
  leads: ReadonlyMap<string, ObjectId>
}

/**
 * Merges the leads of a deal. Where nothing was changed here, the leads become those of HubSpot's
 * contacts. Else what HubSpot added or removed since it was last seen is added or removed here;
 * local changes stay and are pending. Contacts without a lead are remembered by their HubSpot id.
 */
export function mergeAssociations<D extends AssociationsDocument>(
  deal: D,
  { remote, readAt, leads }: Associations,
): D {
  const before = deal.hubspot_contact_ids
  const now = remote === undefined ? before : [...new Set(remote)].sort()
  const theirs = new Set(now.map(id => leads.get(id)?.toHexString()))
  const isSettled = remote !== undefined && !deal.associations_dirty
  const added = now.filter(id => !before.includes(id) || !deal.associations_dirty)
  const removed = new Set(
    before.filter(id => !now.includes(id)).map(id => leads.get(id)?.toHexString()),
  )
  const result = new Map<string, ObjectId>()
  for (const leadId of deal.lead_ids) {
    const id = leadId.toHexString()
    if (isSettled ? theirs.has(id) : !removed.has(id)) result.set(id, leadId)
  }
  for (const id of added) {
    const leadId = leads.get(id)
    if (leadId) result.set(leadId.toHexString(), leadId)
  }
  const merged = { hubspot_contact_ids: now, lead_ids: [...result.values()] }
  const isMoved =
    now.join() !== [...before].sort().join() ||
    result.size !== deal.lead_ids.length ||
    deal.lead_ids.some(id => !result.has(id.toHexString()))
  return {
    ...deal,
    ...merged,
    associations_dirty: deal.associations_dirty && !areAssociationsEqual(merged, leads),
    ...(isMoved ? { associations_stuck: false } : {}),
    ...(remote && readAt ? { associations_read_at: readAt } : {}),
  }
}

/** Whether HubSpot's contacts are those of the deal's leads; contacts without a lead do not count. */
function areAssociationsEqual(
  deal: Pick<AssociationsDocument, 'hubspot_contact_ids' | 'lead_ids'>,
  leads: ReadonlyMap<string, ObjectId>,
): boolean {
  const theirs = new Set(
    deal.hubspot_contact_ids.map(id => leads.get(id)?.toHexString()).filter(id => id !== undefined),
  )
  return (
    theirs.size === deal.lead_ids.length && deal.lead_ids.every(id => theirs.has(id.toHexString()))
  )
}
