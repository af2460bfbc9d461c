import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { LeaseHolder } from '../../database/lease'
import { RunInterrupted } from '../runs/context'
import { createWriteLeaseRepository } from './write-lease-repository'

/** How long a silent holder keeps the lease, ms. A living one renews it nine times as often. */
export const defaultLeaseMs = 9_000
const pollMs = 150

export interface WriteLease {
  /**
   * Called right before each write to HubSpot.
   * @throws {RunInterrupted} when another process holds the lease
   */
  assert(): Promise<void>
  /** Whether another drain was asked for since the last call */
  askedAgain(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Only one write-back runs per partner, over all processes, within a run or alongside one. Two at
 * once could create the same record twice. The holder's fence is checked before each write.
 */
export function createWriteLeases({
  collections,
  writeLeaseMs: leaseMs = defaultLeaseMs,
}: {
  collections: Collections
  writeLeaseMs?: number
}) {
  const leases = createWriteLeaseRepository(collections, leaseMs)

  return {
    /**
     * Waits until the lease is free, or until its holder has renewed it and knows that there is more
     * to do.
     * @returns the lease, or `null` when its holder does the work
     */
    async request(partnerId: ObjectId, signal: AbortSignal): Promise<WriteLease | null> {
      const owner = randomUUID()
      let seen: number | null = null
      await leases.prepare(partnerId)
      for (;;) {
        signal.throwIfAborted()
        const taken = await leases.take(partnerId, owner)
        if (taken !== null) return hold(partnerId, taken)
        const untilMs = (await leases.askAgain(partnerId))?.getTime() ?? null
        if (untilMs !== null && seen !== null && untilMs > seen) return null
        seen ??= untilMs
        await delay(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    },
  }

  function hold(partnerId: ObjectId, holder: LeaseHolder): WriteLease {
    let lost = false
    const renew = () => leases.renew(partnerId, holder)
    const timer = setInterval(() => {
      void renew().then(
        held => {
          lost ||= !held
        },
        () => {},
      )
    }, leaseMs / 9)
    timer.unref()
    return {
      async assert() {
        if (lost || !(await renew())) throw new RunInterrupted('lease_lost')
      },
      askedAgain: () => leases.takeNote(partnerId, holder),
      async release() {
        clearInterval(timer)
        await leases.release(partnerId, holder)
      },
    }
  }
}
export type WriteLeases = ReturnType<typeof createWriteLeases>
