import { randomUUID } from 'node:crypto'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { isDuplicateKey } from '../database/duplicate-key'

/** Longer than all calls of one clean-up together: each has a limit of its own, ms */
const reservedMs = 2 * 60 * 1000

/** When a clean-up ended is of use to connections that began before it, ms */
const keptMs = 10 * 60 * 1000

export interface PortalReservation {
  /** When a clean-up of the account ended last; `null`: not lately */
  cleanedAt: Date | null
  /** @param isCleaned a clean-up asked HubSpot to end the account's grant */
  free(isCleaned?: boolean): Promise<void>
}

/**
 * Who works on an account's grant at HubSpot: a clean-up that ends it, or a connection that is being
 * stored. HubSpot gives everybody of one account the same refresh token, so only one may at a time,
 * over all partners and processes.
 */
export function createPortalReservations({
  collections: { portalReservations },
  clock,
}: {
  collections: Pick<Collections, 'portalReservations'>
  clock: Clock
}) {
  return {
    /**
     * @param forMs how long it holds should this process die
     * @returns `null` when somebody else works on the account
     */
    async take(portalId: string, forMs: number = reservedMs): Promise<PortalReservation | null> {
      const now = clock()
      const owner = randomUUID()
      try {
        const before = await portalReservations.findOneAndUpdate(
          { _id: portalId, until: { $lte: now } },
          { $set: { owner, until: new Date(now.getTime() + forMs) } },
          { upsert: true, returnDocument: 'before' },
        )
        return {
          cleanedAt: before?.cleaned_at ?? null,
          async free(isCleaned = false) {
            const until = clock()
            await portalReservations.updateOne(
              { _id: portalId, owner },
              { $set: { until, ...(isCleaned ? { cleaned_at: until } : {}) } },
            )
          },
        }
      } catch (error) {
        if (isDuplicateKey(error)) return null
        throw error
      }
    },
    /** Removes what is of no use any more. */
    async prune(): Promise<void> {
      await portalReservations.deleteMany({ until: { $lte: new Date(clock().getTime() - keptMs) } })
    },
  }
}
export type PortalReservations = ReturnType<typeof createPortalReservations>
