import { randomUUID } from 'node:crypto'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { isDuplicateKey } from '../database/duplicate-key'

/** Longer than all calls of one clean-up together: each has a limit of its own, ms */
const reservedMs = 2 * 60 * 1000

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
     * @returns gives the account free again; `null` when somebody else works on it
     */
    async take(
      portalId: string,
      forMs: number = reservedMs,
    ): Promise<(() => Promise<void>) | null> {
      const now = clock()
      const owner = randomUUID()
      try {
        await portalReservations.updateOne(
          { _id: portalId, until: { $lte: now } },
          { $set: { owner, until: new Date(now.getTime() + forMs) } },
          { upsert: true },
        )
      } catch (error) {
        if (isDuplicateKey(error)) return null
        throw error
      }
      return async () => {
        await portalReservations.deleteOne({ _id: portalId, owner })
      }
    },
    /** Removes what dead processes left. */
    async prune(): Promise<void> {
      await portalReservations.deleteMany({ until: { $lte: clock() } })
    },
  }
}
export type PortalReservations = ReturnType<typeof createPortalReservations>
