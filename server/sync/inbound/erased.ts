import { createHmac, randomBytes } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { hubspotActor, type AuditLog } from '../../database/audit'
import { byHundreds } from '../../database/by-hundreds'
import type { Collections } from '../../database/collections'

const keyId = 'erasure_key'

/** Privacy deletion (`contact.privacyDeletion`). */
export function createErasure({
  collections,
  clock,
  audit,
}: {
  collections: Collections
  clock: Clock
  audit: AuditLog
}) {
  let key: Promise<string> | undefined

  /**
   * Made once per installation and never changed: a tombstone must still be recognised after every
   * rotation of the other keys.
   */
  async function loadKey(): Promise<string> {
    const stored = await collections.meta.findOneAndUpdate(
      { _id: keyId },
      { $setOnInsert: { key: randomBytes(32).toString('base64') } },
      { upsert: true, returnDocument: 'after' },
    )
    if (typeof stored?.key !== 'string') throw new Error('The erasure key could not be stored')
    return stored.key
  }

  async function tombstones(
    partnerId: ObjectId,
    portalId: string,
    ids: readonly string[],
  ): Promise<Map<string, string>> {
    key ??= loadKey().catch((error: unknown) => {
      key = undefined
      throw error
    })
    const secret = await key
    return new Map(
      ids.map(id => [
        createHmac('sha256', secret)
          .update(`${partnerId.toHexString()}:${portalId}:${id}`)
          .digest('base64url'),
        id,
      ]),
    )
  }

  return {
    /** @returns those of the ids that must not be stored */
    async among(
      partnerId: ObjectId,
      portalId: string,
      ids: readonly string[],
    ): Promise<Set<string>> {
      if (
        ids.length === 0 ||
        (await collections.erasedContacts.findOne(
          { partner_id: partnerId },
          { projection: { _id: 1 } },
        )) === null
      )
        return new Set()
      const marks = await tombstones(partnerId, portalId, ids)
      const found = await collections.erasedContacts
        .find({ _id: { $in: [...marks.keys()] } })
        .toArray()
      return new Set(found.map(one => marks.get(one._id)).filter(id => id !== undefined))
    },

    async erase({
      partnerId,
      portalId,
      contactIds,
    }: {
      partnerId: ObjectId
      portalId: string
      contactIds: string[]
    }): Promise<void> {
      if (contactIds.length === 0) return
      const marks = await tombstones(partnerId, portalId, contactIds)
      // First the tombstones: from here on no page brings the contact back, and a kill below is
      // made good when the event is handled again.
      await collections.erasedContacts.bulkWrite(
        [...marks.keys()].map(mark => ({
          updateOne: {
            filter: { _id: mark },
            update: { $setOnInsert: { partner_id: partnerId, at: clock() } },
            upsert: true,
          },
        })),
        { ordered: false },
      )
      const linked = await byHundreds(contactIds, ids =>
        collections.leads
          .find(
            { partner_id: partnerId, portal_id: portalId, hubspot_id: { $in: ids } },
            { projection: { 'values.email': 1 } },
          )
          .toArray(),
      )
      const emails = linked.map(lead => lead.values.email).filter(email => email !== null)
      // The same person under the same address: an unlinked lead, or one of a portal connected
      // before.
      const others =
        emails.length === 0
          ? []
          : await collections.leads
              .find(
                { partner_id: partnerId, 'values.email': { $in: emails } },
                { projection: { _id: 1 } },
              )
              .toArray()
      const leadIds = [...linked, ...others].map(lead => lead._id)
      await collections.deals.updateMany(
        { partner_id: partnerId, hubspot_contact_ids: { $in: contactIds } },
        {
          $pullAll: { hubspot_contact_ids: contactIds },
          $set: { updated_at: clock() },
          $inc: { version: 1 },
        },
      )
      await collections.deals.updateMany(
        { partner_id: partnerId, lead_ids: { $in: leadIds } },
        { $pullAll: { lead_ids: leadIds }, $set: { updated_at: clock() }, $inc: { version: 1 } },
      )
      const { deletedCount } = await collections.leads.deleteMany({
        partner_id: partnerId,
        _id: { $in: leadIds },
      })
      await collections.runResults.deleteMany({
        partner_id: partnerId,
        record_id: { $in: leadIds },
      })
      await byHundreds(contactIds, async ids => [
        await collections.runResults.deleteMany({
          partner_id: partnerId,
          hubspot_id: { $in: ids },
          object: 'lead',
        }),
      ])
      await collections.webhookEvents.deleteMany({
        partner_id: partnerId,
        object_type: 'contacts',
        object_id: { $in: contactIds },
        status: { $ne: 'pending' },
      })
      await audit.record({
        partnerId,
        actor: hubspotActor,
        action: 'contact_erased',
        details: { portalId, contacts: contactIds.length, records: deletedCount },
      })
    },
  }
}
export type Erasure = ReturnType<typeof createErasure>
