import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { recordsOf, type RecordKind } from '../kinds'
import { lookedAtAgain, stateUpdate } from '../sync-state'
import { ofPortal, type PortalOfPartner } from './linked'

type Records = Pick<Collections, 'leads' | 'deals'>

const wakeSize = 1000

/** New records that a former scope left out are looked at again. A kill in between repeats it. */
export async function wakeLeftOut(
  collections: Records,
  kind: RecordKind,
  partnerId: ObjectId,
): Promise<void> {
  const records = recordsOf(collections, kind)
  for (;;) {
    const some = await records
      .find(
        { partner_id: partnerId, 'sync.state': 'out_of_scope', hubspot_id: null },
        { projection: { _id: 1 } },
      )
      .hint('by_sync_state')
      .limit(wakeSize)
      .toArray()
    if (some.length === 0) return
    await records.updateMany(
      {
        partner_id: partnerId,
        _id: { $in: some.map(({ _id }) => _id) },
        'sync.state': 'out_of_scope',
        hubspot_id: null,
      },
      { $set: stateUpdate(lookedAtAgain), $inc: { version: 1 } },
    )
  }
}

/** HubSpot ids of records that are synced, in the order of these ids. @param after an id */
export async function pageOfInside(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  { after, limit }: { after: string | null; limit: number },
): Promise<string[]> {
  const page = await recordsOf(collections, kind)
    .find<{ hubspot_id: string }>(
      {
        ...ofPortal(portal),
        hubspot_id: { $gt: after ?? '' },
        archived_at: null,
        'sync.state': { $ne: 'out_of_scope' },
      },
      { projection: { hubspot_id: 1 } },
    )
    .sort({ hubspot_id: 1 })
    .limit(limit)
    .hint('one_record_per_hubspot_id')
    .toArray()
  return page.map(record => record.hubspot_id)
}

/** @returns those of the HubSpot ids whose record here is synced */
export async function insideAmong(
  collections: Records,
  kind: RecordKind,
  portal: PortalOfPartner,
  ids: readonly string[],
): Promise<Set<string>> {
  const found = await recordsOf(collections, kind)
    .find<{ hubspot_id: string }>(
      {
        ...ofPortal(portal),
        hubspot_id: { $in: [...ids] },
        archived_at: null,
        'sync.state': { $ne: 'out_of_scope' },
      },
      { projection: { hubspot_id: 1 } },
    )
    .hint('one_record_per_hubspot_id')
    .toArray()
  return new Set(found.map(record => record.hubspot_id))
}
