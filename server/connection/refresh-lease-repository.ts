import { randomUUID } from 'node:crypto'
import type { Document, ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import { leaseAt, leaseReleased, type LeaseHolder } from '../database/lease'
import { usableStatuses, type Integration } from './integration'

/**
 * Longer than everything that happens under it: a token call (10 s), the wait before an
 * `invalid_grant` is believed (3 s) and the call that confirms it (10 s).
 */
export const refreshLeaseMs = 30_000

export interface RefreshLease extends LeaseHolder {
  partnerId: ObjectId
  /** The integration as it was when the lease was taken */
  integration: Integration
  /**
   * The holder before vanished without giving its lease back: a reply of HubSpot's may have been
   * lost
   */
  takenOver: boolean
}

/**
 * At most one token request per partner over all processes: a lease on the partner's document, by
 * the database's clock.
 */
export function createRefreshLeases({ collections }: { collections: Collections }) {
  const { partners } = collections
  const lease = leaseAt('hubspot_integration.refresh_lease', refreshLeaseMs)

  /** Only the holder, and only while nothing else changed the grant. */
  const held = (holder: RefreshLease) => ({
    _id: holder.partnerId,
    'hubspot_integration.status': { $in: [...usableStatuses] },
    'hubspot_integration.token_version': holder.integration.token_version,
    ...lease.heldBy(holder),
  })

  return {
    /**
     * @returns the lease, or `null` when another holds it or the grant is no longer the one of
     *   `tokenVersion`
     */
    async take(partnerId: ObjectId, tokenVersion: number): Promise<RefreshLease | null> {
      const owner = randomUUID()
      const before = await partners.findOneAndUpdate(
        {
          _id: partnerId,
          'hubspot_integration.status': { $in: [...usableStatuses] },
          'hubspot_integration.token_version': tokenVersion,
          ...lease.isFree,
        },
        [{ $set: lease.takenBy(owner) }],
        { returnDocument: 'before', projection: { hubspot_integration: 1 } },
      )
      const integration = before?.hubspot_integration
      if (!integration) return null
      const last = integration.refresh_lease
      return {
        partnerId,
        owner,
        fence: (last?.fence ?? 0) + 1,
        integration,
        takenOver: last !== null && last.until.getTime() !== leaseReleased.getTime(),
      }
    },

    /**
     * Ends the lease with what came of it, in one write.
     * @param changes fields below `hubspot_integration`
     * @returns whether the lease was still held and the grant still the same
     */
    async settle(holder: RefreshLease, changes: Document): Promise<boolean> {
      const dotted = Object.fromEntries(
        Object.entries(changes).map(([name, value]) => [`hubspot_integration.${name}`, value]),
      )
      const { matchedCount } = await partners.updateOne(held(holder), {
        $set: { ...dotted, ...lease.released },
      })
      return matchedCount === 1
    },

    /**
     * Stores a grant that could not be stored in time, whoever holds the lease by now: a holder
     * that asks with the grant of before finds that it has moved.
     * @returns whether the grant was still the one that was renewed
     */
    async settleLate({ partnerId, integration }: RefreshLease, changes: Document) {
      const dotted = Object.fromEntries(
        Object.entries(changes).map(([name, value]) => [`hubspot_integration.${name}`, value]),
      )
      const { matchedCount } = await partners.updateOne(
        {
          _id: partnerId,
          'hubspot_integration.status': { $in: [...usableStatuses] },
          'hubspot_integration.token_version': integration.token_version,
        },
        { $set: { ...dotted, ...lease.released } },
      )
      return matchedCount === 1
    },
  }
}
export type RefreshLeases = ReturnType<typeof createRefreshLeases>
