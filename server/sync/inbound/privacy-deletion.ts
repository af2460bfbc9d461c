import { createHmac } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import { hubspotActor, type AuditLog } from '../../database/audit'
import type { Collections } from '../../database/collections'
import type { PortalOfPartner } from '../../records/repository/linked'
import { createErasureRepository } from './privacy-deletion-repository'

export interface ErasureDeps {
  collections: Collections
  clock: Clock
  audit: AuditLog
}

/** Privacy deletion (`contact.privacyDeletion`): every copy goes, a keyed hash stays. */
export function createErasure({ collections, clock, audit }: ErasureDeps) {
  const repository = createErasureRepository(collections, clock)
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
