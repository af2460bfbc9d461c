import type { Collection, Filter, ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { DealDocument, LeadDocument } from '../database/documents'
import { NotFound } from '../errors'

const maxTries = 8

/**
 * Changes one record by reading it, working out the next one and writing that only if nobody wrote in between; else again.
 * @param next the record to store (version still the read one), or `null` when nothing is to be changed; what it throws ends the edit
 * @returns the record as it now stands
 * @throws {NotFound} no such record of this partner
 */
export async function editRecord<D extends LeadDocument | DealDocument>(collection: Collection<D>, partnerId: ObjectId, id: ObjectId, next: (current: D) => Promise<D | null> | D | null): Promise<D> {
  for (let attempt = 1; ; attempt++) {
    const current = await collection.findOne({ _id: id, partner_id: partnerId } as Filter<D>) as D | null
    if (!current) throw new NotFound('This record')
    const wanted = await next(current)
    if (!wanted) return current
    const written: D = { ...wanted, version: current.version + 1 }
    const { matchedCount } = await collection.replaceOne({ _id: id, partner_id: partnerId, version: current.version } as Filter<D>, written)
    if (matchedCount === 1) return written
    if (attempt >= maxTries) throw new Error('The record changed with every try to write it')
  }
}

export interface PartnerLink {
  portalId: string | null
  /** Local changes are to reach HubSpot */
  isWritingBack: boolean
}

/** Whether and how a partner is connected, as far as its records care. */
export async function partnerLink({ partners }: Collections, partnerId: ObjectId): Promise<PartnerLink> {
  const partner = await partners.findOne({ _id: partnerId }, { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.write_back': 1, 'hubspot_integration.status': 1 } })
  const integration = partner?.hubspot_integration
  const portalId = integration && integration.status !== 'disconnected' ? integration.portal_id : null
  return { portalId: portalId ?? null, isWritingBack: portalId !== null && integration?.write_back === true }
}
