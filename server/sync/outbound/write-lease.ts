import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { isDuplicateKey } from '../../database/duplicate-key'
import { leaseAt } from '../../database/lease'
import { RunInterrupted } from '../runs/context'

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
 * Only one write-back runs per partner, over all processes, within a run or alongside one. Two at once could create the same record twice. Time is the database's; the holder's fence is
 * checked before each write.
 */
export function createWriteLeases({
  collections,
  writeLeaseMs: leaseMs = defaultLeaseMs,
}: {
  collections: Collections
  writeLeaseMs?: number
}) {
  const { meta } = collections
  const lease = leaseAt(null, leaseMs)

  /** @returns the lease's fence, or `null` while another process holds it */
  async function take(id: string, owner: string): Promise<number | null> {
    const taken = await meta.findOneAndUpdate(
      { _id: id, ...lease.isFree },
      [{ $set: { ...lease.takenBy(owner), again: false } }],
      { returnDocument: 'after' },
    )
    return typeof taken?.fence === 'number' ? taken.fence : null
  }

  /** An upsert may not ask by `$expr`: the document is made first, free for anybody. */
  async function prepare(id: string): Promise<void> {
    await meta
      .updateOne(
        { _id: id },
        { $setOnInsert: { owner: null, ...lease.released, again: false, fence: 0 } },
        { upsert: true },
      )
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error
      })
  }

  return {
    /**
     * Waits until the lease is free, or until its holder has renewed it and knows that there is more
     * to do.
     * @returns the lease, or `null` when its holder does the work
     */
    async request(partnerId: ObjectId, signal: AbortSignal): Promise<WriteLease | null> {
      const id = `write_back:${partnerId.toHexString()}`
      const owner = randomUUID()
      let seen: number | null = null
      await prepare(id)
      for (;;) {
        signal.throwIfAborted()
        const fence = await take(id, owner)
        if (fence !== null) return hold(id, owner, fence)
        const holder = await meta.findOneAndUpdate(
          { _id: id, ...lease.isRunning },
          { $set: { again: true } },
          { returnDocument: 'after' },
        )
        const untilMs = holder?.until instanceof Date ? holder.until.getTime() : null
        if (untilMs !== null && seen !== null && untilMs > seen) return null
        seen ??= untilMs
        await delay(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    },
  }

  function hold(id: string, owner: string, fence: number): WriteLease {
    const mine = { _id: id, ...lease.heldBy({ owner, fence }), ...lease.isRunning }
    let lost = false
    const renew = async (): Promise<boolean> =>
      (await meta.updateOne(mine, [{ $set: lease.prolonged }])).matchedCount === 1
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
      async askedAgain() {
        const before = await meta.findOneAndUpdate(
          mine,
          [{ $set: { again: false, ...lease.prolonged } }],
          {
            returnDocument: 'before',
          },
        )
        return before?.again === true
      },
      async release() {
        clearInterval(timer)
        await meta.updateOne(
          { _id: id, ...lease.heldBy({ owner, fence }) },
          { $set: lease.released },
        )
      },
    }
  }
}
export type WriteLeases = ReturnType<typeof createWriteLeases>
