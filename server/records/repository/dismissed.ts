import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import type { RecordKind } from '../kinds'
import type { PortalOfPartner } from './linked'

type Kind = Pick<RecordKind, 'hubspotType'>

/**
 * Records that somebody deleted here only: what HubSpot sends of them is not stored again, until
 * the record is linked anew.
 */
export function createDismissed({
  collections: { dismissedRecords },
  clock,
}: {
  collections: Pick<Collections, 'dismissedRecords'>
  clock: Clock
}) {
  const idOf = ({ partnerId, portalId }: PortalOfPartner, kind: Kind, hubspotId: string) =>
    `${partnerId.toHexString()}:${portalId}:${kind.hubspotType}:${hubspotId}`

  return {
    async add(kind: Kind, { partner_id, portal_id, hubspot_id }: AnyRecord): Promise<void> {
      if (hubspot_id === null || portal_id === null) return
      await dismissedRecords.updateOne(
        { _id: idOf({ partnerId: partner_id, portalId: portal_id }, kind, hubspot_id) },
        { $set: { partner_id, at: clock() } },
        { upsert: true },
      )
    },

    /** What HubSpot sends of it is stored again. */
    async end(kind: Kind, { partner_id, portal_id, hubspot_id }: AnyRecord): Promise<void> {
      if (hubspot_id === null || portal_id === null) return
      await dismissedRecords.deleteOne({
        _id: idOf({ partnerId: partner_id, portalId: portal_id }, kind, hubspot_id),
      })
    },

    /** @returns those of the ids that are not to be stored */
    async among(
      kind: Kind,
      portal: PortalOfPartner,
      hubspotIds: readonly string[],
    ): Promise<Set<string>> {
      if (hubspotIds.length === 0) return new Set()
      const ids = new Map(hubspotIds.map(id => [idOf(portal, kind, id), id]))
      const found = await dismissedRecords.find({ _id: { $in: [...ids.keys()] } }).toArray()
      return new Set(found.flatMap(({ _id }) => ids.get(_id) ?? []))
    },
  }
}
