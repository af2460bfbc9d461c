import { ObjectId } from 'mongodb'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import type { AnyRecord, DocumentOf, KindName, LeadDocument } from '../../database/documents'
import { recordsOf, type RecordKind } from '../kinds'
import { archivedInHubspot, stateUpdate } from '../sync-state'
import { pushHistory } from './push-history'

type Records = Pick<Collections, 'leads' | 'deals'>

/** A partner's portal: HubSpot ids are unique within it */
export interface PortalOfPartner {
  partnerId: ObjectId
  portalId: string
}

export type LinkedId = Pick<AnyRecord, '_id' | 'created_at'> & { hubspot_id: string }

export const ofPortal = ({ partnerId, portalId }: PortalOfPartner) => ({
  partner_id: partnerId,
  portal_id: portalId,
})

/** Records whose object in HubSpot is not known to be gone. @see isParted */
export const notParted = { archived_at: null, detached_at: null } as const

/** Records that are linked to these HubSpot ids. */
export async function findLinked<K extends KindName>(
  collections: Records,
  kind: RecordKind<K>,
  portal: PortalOfPartner,
  hubspotIds: readonly string[],
): Promise<DocumentOf<K>[]> {
  return await byHundreds(hubspotIds, ids =>
    recordsOf(collections, kind)
      .find<DocumentOf<K>>({ ...ofPortal(portal), hubspot_id: { $in: ids } })
      .toArray(),
  )
}

/** The ids of records that are linked to these HubSpot ids. @param live without archived ones */
export async function findLinkedIds(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  hubspotIds: readonly string[],
  { live = false } = {},
): Promise<LinkedId[]> {
  return await byHundreds(hubspotIds, ids =>
    recordsOf(collections, kind)
      .find<LinkedId>(
        {
          ...ofPortal(portal),
          hubspot_id: { $in: ids },
          ...(live ? { archived_at: null } : {}),
        },
        { projection: { hubspot_id: 1, created_at: 1 } },
      )
      .toArray(),
  )
}

/** More of them have one name in so short a time only where somebody made them by a program. */
const maxArrived = 100

/**
 * HubSpot ids of records that came in since an instant and have these values there.
 * @param remote HubSpot's texts, by property
 * @returns the oldest first, at most 100
 */
export async function findArrivedSince(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  since: Date,
  remote: Readonly<Record<string, string>>,
): Promise<string[]> {
  const found = await recordsOf(collections, kind)
    .find<{ hubspot_id: string }>(
      {
        ...ofPortal(portal),
        _id: { $gte: ObjectId.createFromTime(Math.floor(since.getTime() / 1000)) },
        hubspot_id: { $gt: '' },
        ...Object.fromEntries(
          Object.entries(remote).map(([property, text]) => [`remote.${property}`, text]),
        ),
      },
      { projection: { hubspot_id: 1 }, hint: 'by_id' },
    )
    .sort({ _id: 1 })
    .limit(maxArrived)
    .toArray()
  return found.map(record => record.hubspot_id)
}

/** Leads with these e-mail addresses, whatever they are linked to. */
export async function findByEmail(
  { leads }: Records,
  partnerId: ObjectId,
  emails: readonly string[],
): Promise<LeadDocument[]> {
  return await byHundreds(emails, some =>
    leads.find({ partner_id: partnerId, 'values.email': { $in: some } }).toArray(),
  )
}

/**
 * HubSpot archived or deleted these records: ours stay, but nothing of them waits any more.
 * @returns how many changed
 */
export async function archiveLinked(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  hubspotIds: readonly string[],
  now: Date,
): Promise<number> {
  const changed = await byHundreds(hubspotIds, async ids => {
    const { modifiedCount } = await recordsOf(collections, kind).updateMany(
      { ...ofPortal(portal), archived_at: null, hubspot_id: { $in: ids } },
      {
        $set: {
          archived_at: now,
          ...stateUpdate(archivedInHubspot),
          'sync.last_in_at': now,
          updated_at: now,
        },
        $inc: { version: 1 },
        $push: pushHistory({ at: now, side: 'hubspot', kind: 'archived' }),
      },
    )
    return [modifiedCount]
  })
  return changed.reduce((sum, count) => sum + count, 0)
}
