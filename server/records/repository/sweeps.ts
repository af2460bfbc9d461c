import { ObjectId } from 'mongodb'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import type { AnyRecord, DealDocument } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'
import { ofPortal, type PortalOfPartner } from './linked'

type Records = Pick<Collections, 'leads' | 'deals'>
type Linked = { hubspot_id: string }
type Page = { after: string | null; limit: number }

/** Records that are not archived */
const live = { archived_at: null }
/** Records that are synced: not archived, and in the scope of what is synced */
export const synced = { ...live, 'sync.state': { $ne: 'out_of_scope' } }

/** @returns those of the HubSpot ids that a record of ours has. @param among which records count */
export async function findLiveIds(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  hubspotIds: readonly string[],
  among: object = live,
): Promise<string[]> {
  const found = await byHundreds(hubspotIds, ids =>
    recordsOf(collections, kind)
      .find<Linked>(
        { ...ofPortal(portal), hubspot_id: { $in: ids }, ...among },
        { projection: { hubspot_id: 1 }, hint: 'one_record_per_hubspot_id' },
      )
      .toArray(),
  )
  return found.map(record => record.hubspot_id)
}

/** HubSpot ids of records, in the order of these ids. @param among which records count */
export async function pageOfLiveIds(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  { after, limit }: Page,
  among: object = live,
): Promise<string[]> {
  const page = await recordsOf(collections, kind)
    .find<Linked>(
      { ...ofPortal(portal), hubspot_id: { $gt: after ?? '' }, ...among },
      {
        projection: { hubspot_id: 1 },
        sort: { hubspot_id: 1 },
        limit,
        hint: 'one_record_per_hubspot_id',
      },
    )
    .toArray()
  return page.map(record => record.hubspot_id)
}

/** Archived records, in the order of our ids. @param after our id */
export async function pageOfArchived(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  { after, limit }: Page,
): Promise<Pick<AnyRecord, '_id' | 'hubspot_id'>[]> {
  return await recordsOf(collections, kind)
    .find(
      {
        ...ofPortal(portal),
        archived_at: { $type: 'date' },
        ...(after === null ? {} : { _id: { $gt: new ObjectId(after) } }),
      },
      { projection: { hubspot_id: 1 } },
    )
    .sort({ _id: 1 })
    .limit(limit)
    .hint('archived')
    .toArray()
}

/** Deals that are not archived, with their contacts, in the order of HubSpot's ids. */
export async function pageOfAssociations(
  { deals }: Records,
  portal: PortalOfPartner,
  { after, limit }: Page,
): Promise<(Pick<DealDocument, 'hubspot_contact_ids'> & Linked)[]> {
  return await deals
    .find<Pick<DealDocument, 'hubspot_contact_ids'> & Linked>(
      {
        ...ofPortal(portal),
        hubspot_id: { $gt: after ?? '' },
        ...synced,
      },
      { projection: { hubspot_id: 1, hubspot_contact_ids: 1 } },
    )
    .sort({ hubspot_id: 1 })
    .limit(limit)
    .hint('one_record_per_hubspot_id')
    .toArray()
}
