import { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { AnyRecord, LeadDocument } from '../../database/documents'
import { allKinds, recordsOf, type RecordKind } from '../kinds'
import { isParted } from '../sync-state'
import { followAlias } from './aliases'
import { findLinked, type PortalOfPartner } from './linked'

type Records = Pick<Collections, 'leads' | 'deals' | 'recordAliases'>

/** What a question from a page reads of the records. */
export function createInsightRepository(collections: Records) {
  const { leads } = collections

  async function firstOf(
    find: (kind: RecordKind) => Promise<AnyRecord | null>,
  ): Promise<AnyRecord | null> {
    for (const kind of allKinds) {
      const record = await find(kind)
      if (record) return record
    }
    return null
  }

  return {
    /** @param id 24 hexadecimal digits */
    async byId(partnerId: ObjectId, id: string): Promise<AnyRecord | null> {
      return await followAlias(collections, partnerId, new ObjectId(id.toLowerCase()), _id =>
        firstOf(kind => recordsOf(collections, kind).findOne({ _id, partner_id: partnerId })),
      )
    },

    async byHubspotId(portal: PortalOfPartner, hubspotId: string): Promise<AnyRecord | null> {
      return await firstOf(async kind => {
        const [record] = await findLinked(collections, kind, portal, [hubspotId])
        return record ?? null
      })
    },

    /** @returns the linked lead where several have this address */
    async byEmail(partnerId: ObjectId, email: string): Promise<LeadDocument | null> {
      const found = await leads
        .find({ partner_id: partnerId, 'values.email': email.toLowerCase() })
        .sort({ hubspot_id: -1 })
        .toArray()
      return found.find(lead => !isParted(lead)) ?? found[0] ?? null
    },

    /** Records with local changes for this portal, also those that wait for their next try. */
    async allDirty(
      kind: RecordKind,
      { partnerId, portalId }: PortalOfPartner,
      limit: number,
    ): Promise<AnyRecord[]> {
      return await recordsOf(collections, kind)
        .find({
          partner_id: partnerId,
          dirty: true,
          portal_id: { $in: [null, portalId] },
          archived_at: null,
        })
        .hint('outbox')
        .limit(limit)
        .toArray()
    },

    /** @returns how many records are in sync, counted up to `limit` */
    async countInSync(kind: RecordKind, partnerId: ObjectId, limit: number): Promise<number> {
      return await recordsOf(collections, kind).countDocuments(
        { partner_id: partnerId, 'sync.state': 'in_sync' },
        { limit, hint: 'by_sync_state' },
      )
    },
  }
}
