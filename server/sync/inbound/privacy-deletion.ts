import { createHmac } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { hubspotActor, systemActor, type AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { Cipher } from '../../database/encryption'
import type { PortalOfPartner } from '../../records/repository/linked'
import { createErasureRepository } from './privacy-deletion-repository'

export interface ErasureDeps {
  collections: Collections
  clock: Clock
  audit: AuditLog
  cipher: Pick<Cipher, 'seal' | 'open'>
}

/** Privacy deletion (`contact.privacyDeletion`): every copy goes, a keyed hash stays. */
export function createErasure({ collections, clock, audit, cipher }: ErasureDeps) {
  const repository = createErasureRepository(collections, clock, cipher)
  let key: Promise<string> | undefined

  /** @returns the contact ids by their tombstone */
  async function tombstones(
    partnerId: ObjectId,
    portalId: string,
    ids: readonly string[],
  ): Promise<Map<string, string>> {
    key ??= repository.key().catch((error: unknown) => {
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
      if (ids.length === 0 || !(await repository.hasTombstones(partnerId))) return new Set()
      const marks = await tombstones(partnerId, portalId, ids)
      const found = await repository.existing([...marks.keys()])
      return new Set(found.map(mark => marks.get(mark)).filter(id => id !== undefined))
    },

    /**
     * Forgets that a contact was erased, so that the next sync may store it again: for an erasure
     * that nobody asked for.
     * @returns whether there was a tombstone
     */
    async lift({
      partnerId,
      portalId,
      contactId,
    }: PortalOfPartner & { contactId: string }): Promise<boolean> {
      const [mark = ''] = (await tombstones(partnerId, portalId, [contactId])).keys()
      const isLifted = await repository.removeTombstone(partnerId, mark)
      if (isLifted)
        await audit.record({
          partnerId,
          actor: systemActor,
          action: 'contact_erasure_lifted',
          target: contactId,
          details: { command: 'erasure:lift', portalId },
        })
      return isLifted
    },

    async erase({
      contactIds,
      ...portal
    }: PortalOfPartner & { contactIds: string[] }): Promise<void> {
      if (contactIds.length === 0) return
      const { partnerId, portalId } = portal
      const marks = await tombstones(partnerId, portalId, contactIds)
      // Tombstones first: from here on no page brings the contact back. After a kill the event is
      // handled again and does the rest.
      await repository.addTombstones(partnerId, [...marks.keys()])
      const leadIds = await repository.leadsOf(portal, contactIds)
      await repository.removeFromDeals(partnerId, contactIds, leadIds)
      await repository.deleteWaitingRows(partnerId, leadIds)
      const deleted = await repository.deleteLeads(partnerId, leadIds)
      await repository.deleteTraces(partnerId, contactIds, leadIds)
      await audit.record({
        partnerId,
        actor: hubspotActor,
        action: 'contact_erased',
        details: { portalId, contacts: contactIds.length, records: deleted },
      })
    },
  }
}
export type Erasure = ReturnType<typeof createErasure>
