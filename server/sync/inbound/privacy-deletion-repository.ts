import { randomBytes } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'
import { erasureKeyPlace, type Cipher } from '../../database/encryption'
import type { PortalOfPartner } from '../../records/repository/linked'

const keyId = erasureKeyPlace.field

/** What a privacy deletion reads and deletes, and the tombstones that it leaves. */
export function createErasureRepository(
  collections: Collections,
  clock: Clock,
  cipher: Pick<Cipher, 'seal' | 'open'>,
) {
  const {
    meta,
    erasedContacts,
    leads,
    deals,
    runResults,
    webhookEvents,
    deletedRecords,
    importRows,
  } = collections

  return {
    /**
     * Made once for an installation and never changed. Stored sealed: whoever has a copy of the
     * database alone cannot try ids against the tombstones.
     */
    async key(): Promise<string> {
      const seal = (key: string) => cipher.seal(key, erasureKeyPlace)
      const stored = await meta.findOneAndUpdate(
        { _id: keyId },
        { $setOnInsert: { envelope: seal(randomBytes(32).toString('base64')) } },
        { upsert: true, returnDocument: 'after' },
      )
      // Earlier versions stored it in clear.
      if (typeof stored?.key === 'string') {
        await meta.updateOne(
          { _id: keyId, key: stored.key },
          { $set: { envelope: seal(stored.key) }, $unset: { key: '' } },
        )
        return stored.key
      }
      if (typeof stored?.envelope !== 'string')
        throw new Error('The erasure key could not be stored')
      return cipher.open(stored.envelope, erasureKeyPlace)
    },

    /** @returns whether there was one */
    async removeTombstone(partnerId: ObjectId, tombstone: string): Promise<boolean> {
      const { deletedCount } = await erasedContacts.deleteOne({
        _id: tombstone,
        partner_id: partnerId,
      })
      return deletedCount === 1
    },

    async hasTombstones(partnerId: ObjectId): Promise<boolean> {
      const found = await erasedContacts.findOne(
        { partner_id: partnerId },
        { projection: { _id: 1 } },
      )
      return found !== null
    },

    /** @returns those of the tombstones that exist */
    async existing(tombstones: readonly string[]): Promise<string[]> {
      const found = await erasedContacts.find({ _id: { $in: [...tombstones] } }).toArray()
      return found.map(one => one._id)
    },

    async addTombstones(partnerId: ObjectId, tombstones: readonly string[]): Promise<void> {
      await erasedContacts.bulkWrite(
        tombstones.map(_id => ({
          updateOne: {
            filter: { _id },
            update: { $setOnInsert: { partner_id: partnerId, at: clock() } },
            upsert: true,
          },
        })),
        { ordered: false },
      )
    },

    /**
     * @returns leads of these contacts, and others with the same e-mail address: unlinked ones, and
     *   those of a portal that was connected before
     */
    async leadsOf(
      { partnerId, portalId }: PortalOfPartner,
      contactIds: readonly string[],
    ): Promise<ObjectId[]> {
      const linked = await byHundreds(contactIds, ids =>
        leads
          .find(
            { partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: ids } },
            { projection: { 'values.email': 1 } },
          )
          .toArray(),
      )
      const emails = linked.map(lead => lead.values.email).filter(email => email !== null)
      const others =
        emails.length === 0
          ? []
          : await leads
              .find(
                { partner_id: partnerId, 'values.email': { $in: emails } },
                { projection: { _id: 1 } },
              )
              .toArray()
      return [...linked, ...others].map(lead => lead._id)
    },

    /** Removes the contacts and leads from deals. */
    async removeFromDeals(
      partnerId: ObjectId,
      contactIds: string[],
      leadIds: ObjectId[],
    ): Promise<void> {
      const changed = { $set: { updated_at: clock() }, $inc: { version: 1 } }
      await deals.updateMany(
        { partner_id: partnerId, hubspot_contact_ids: { $in: contactIds } },
        { $pullAll: { hubspot_contact_ids: contactIds }, ...changed },
      )
      await deals.updateMany(
        { partner_id: partnerId, lead_ids: { $in: leadIds } },
        { $pullAll: { lead_ids: leadIds }, ...changed },
      )
    },

    /** Takes lines with the addresses of these leads out of files that are being imported. */
    async deleteWaitingRows(partnerId: ObjectId, leadIds: ObjectId[]): Promise<void> {
      const found = await leads
        .find(
          { partner_id: partnerId, _id: { $in: leadIds } },
          { projection: { 'values.email': 1 } },
        )
        .toArray()
      const emails = found.map(lead => lead.values.email).filter(email => email !== null)
      const isTheirs = {
        $or: [{ $in: ['$$row.input.email', emails] }, { $in: ['$$row.id', leadIds] }],
      }
      await importRows.updateMany(
        { partner_id: partnerId },
        [
          {
            $set: {
              rows: { $filter: { input: '$rows', as: 'row', cond: { $not: [isTheirs] } } },
            },
          },
        ],
        { hint: 'by_partner' },
      )
    },

    /** @returns how many leads were deleted */
    async deleteLeads(partnerId: ObjectId, leadIds: ObjectId[]): Promise<number> {
      const { deletedCount } = await leads.deleteMany({
        partner_id: partnerId,
        _id: { $in: leadIds },
      })
      return deletedCount
    },

    /** Deletes what runs and handled events say of these contacts. */
    async deleteTraces(
      partnerId: ObjectId,
      contactIds: string[],
      leadIds: ObjectId[],
    ): Promise<void> {
      await runResults.deleteMany({ partner_id: partnerId, record_id: { $in: leadIds } })
      await byHundreds(contactIds, async ids => [
        await runResults.deleteMany({
          partner_id: partnerId,
          hubspot_id: { $in: ids },
          object: 'lead',
        }),
      ])
      await byHundreds(contactIds, async ids => [
        await deletedRecords.deleteMany({
          partner_id: partnerId,
          hubspot_id: { $in: ids },
          object: 'lead',
        }),
      ])
      await webhookEvents.deleteMany({
        partner_id: partnerId,
        object_type: 'contacts',
        object_id: { $in: contactIds },
        status: { $ne: 'pending' },
      })
    },
  }
}
