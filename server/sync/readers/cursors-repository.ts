import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { SyncCursorDocument } from '../../database/documents'
import type { ObjectType } from '../../hubspot/crm-types'
import type { PortalOfPartner } from '../../records/repository/linked'

export type Watermarks = Record<ObjectType, Date>
export type SweepPosition = NonNullable<SyncCursorDocument['sweep']>

const separator = ':'
const idOf = ({ partnerId, portalId }: PortalOfPartner) =>
  `${partnerId.toHexString()}${separator}${portalId}`

/** Where the reading of a portal goes on: one document per partner and portal. */
export function createSyncCursors({
  collections: { syncCursors },
  clock,
}: {
  collections: Pick<Collections, 'syncCursors'>
  clock: Clock
}) {
  return {
    async find(portal: PortalOfPartner): Promise<SyncCursorDocument | null> {
      return await syncCursors.findOne({ _id: idOf(portal) })
    },

    /** @returns whether an initial run of this portal has come to its end */
    async isImported(portal: PortalOfPartner): Promise<boolean> {
      const cursor = await syncCursors.findOne(
        { _id: idOf(portal) },
        { projection: { initial_done_at: 1 } },
      )
      return !!cursor?.initial_done_at
    },

    /**
     * The import is done.
     * @param watermark where incremental runs begin
     * @param zone the account's time zone in which days were read
     */
    async setImported(
      { partnerId, portalId }: PortalOfPartner,
      { watermark, zone }: { watermark: Date; zone: string },
    ): Promise<void> {
      const now = clock()
      await syncCursors.updateOne(
        { _id: idOf({ partnerId, portalId }) },
        {
          $set: {
            partner_id: partnerId,
            portal_id: portalId,
            contacts_watermark: watermark,
            deals_watermark: watermark,
            initial_done_at: now,
            zone,
            updated_at: now,
          },
          $setOnInsert: { complete_until: null, reconciled_at: null },
        },
        { upsert: true },
      )
    },

    /** Notes whether lists narrow what is synced of a portal. */
    async setFollowsLists(portal: PortalOfPartner, followsLists: boolean): Promise<void> {
      await syncCursors.updateOne(
        { _id: idOf(portal) },
        { $set: { follows_lists: followsLists, updated_at: clock() } },
      )
    },

    /** An incremental run has read everything. Watermarks never move back. */
    async setRead(
      { partnerId, portalId }: PortalOfPartner,
      { watermarks, completeUntil }: { watermarks: Watermarks; completeUntil: Date },
    ): Promise<void> {
      await syncCursors.updateOne(
        { _id: idOf({ partnerId, portalId }) },
        {
          $set: {
            partner_id: partnerId,
            portal_id: portalId,
            complete_until: completeUntil,
            updated_at: clock(),
          },
          $max: { contacts_watermark: watermarks.contacts, deals_watermark: watermarks.deals },
          $setOnInsert: { reconciled_at: null, initial_done_at: null },
        },
        { upsert: true },
      )
    },

    /**
     * Part of the changes has been read. Watermarks never move back.
     * @param completeUntil is stored only when it is given
     */
    async advance(
      portal: PortalOfPartner,
      { watermarks, completeUntil }: { watermarks: Watermarks; completeUntil?: Date },
    ): Promise<void> {
      await syncCursors.updateOne(
        { _id: idOf(portal) },
        {
          ...(completeUntil ? { $set: { complete_until: completeUntil } } : {}),
          $max: { contacts_watermark: watermarks.contacts, deals_watermark: watermarks.deals },
        },
      )
    },

    /** Everything was compared. @param zone the account's time zone in which days were read */
    async setReconciled(portal: PortalOfPartner, zone: string): Promise<void> {
      const now = clock()
      await syncCursors.updateOne(
        { _id: idOf(portal) },
        { $set: { reconciled_at: now, zone, updated_at: now } },
      )
    },

    async setSweep(portal: PortalOfPartner, sweep: SweepPosition): Promise<void> {
      await syncCursors.updateOne({ _id: idOf(portal) }, { $set: { sweep, swept_at: clock() } })
    },

    /**
     * Forgets all portals of a partner: the next connection imports everything. The ids begin with
     * the partner's, so the index on `_id` finds them.
     */
    async forget(partnerId: ObjectId): Promise<void> {
      const prefix = partnerId.toHexString()
      const afterSeparator = String.fromCharCode(separator.charCodeAt(0) + 1)
      await syncCursors.deleteMany({
        _id: { $gt: `${prefix}${separator}`, $lt: `${prefix}${afterSeparator}` },
        partner_id: partnerId,
      })
    },
  }
}
export type SyncCursors = ReturnType<typeof createSyncCursors>
