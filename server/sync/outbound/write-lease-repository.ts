import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { isDuplicateKey } from '../../database/duplicate-key'
import { leaseAt, type LeaseHolder } from '../../database/lease'

/** The lease on a partner's write-back, with the note that more is to do. Time is the database's. */
export function createWriteLeaseRepository({ meta }: Pick<Collections, 'meta'>, leaseMs: number) {
  const lease = leaseAt(null, leaseMs)
  const idOf = (partnerId: ObjectId) => `write_back:${partnerId.toHexString()}`
  const running = (partnerId: ObjectId, holder: LeaseHolder) => ({
    _id: idOf(partnerId),
    ...lease.heldBy(holder),
    ...lease.isRunning,
  })

  return {
    /** An upsert may not ask by `$expr`: the document is made first, free for anybody. */
    async prepare(partnerId: ObjectId): Promise<void> {
      await meta
        .updateOne(
          { _id: idOf(partnerId) },
          { $setOnInsert: { owner: null, ...lease.released, again: false, fence: 0 } },
          { upsert: true },
        )
        .catch((error: unknown) => {
          if (!isDuplicateKey(error)) throw error
        })
    },

    /** @returns the lease, or `null` while another process holds it */
    async take(partnerId: ObjectId, owner: string): Promise<LeaseHolder | null> {
      const taken = await meta.findOneAndUpdate(
        { _id: idOf(partnerId), ...lease.isFree },
        [{ $set: { ...lease.takenBy(owner), again: false } }],
        { returnDocument: 'after' },
      )
      return typeof taken?.fence === 'number' ? { owner, fence: taken.fence } : null
    },

    /** Notes that more is to do. @returns the end of the holder's lease, or `null` without one */
    async askAgain(partnerId: ObjectId): Promise<Date | null> {
      const holder = await meta.findOneAndUpdate(
        { _id: idOf(partnerId), ...lease.isRunning },
        { $set: { again: true } },
        { returnDocument: 'after' },
      )
      return holder?.until instanceof Date ? holder.until : null
    },

    /** @returns whether it is still held */
    async renew(partnerId: ObjectId, holder: LeaseHolder): Promise<boolean> {
      const { matchedCount } = await meta.updateOne(running(partnerId, holder), [
        { $set: lease.prolonged },
      ])
      return matchedCount === 1
    },

    /** Renews it and takes the note away. @returns whether there was one */
    async takeNote(partnerId: ObjectId, holder: LeaseHolder): Promise<boolean> {
      const before = await meta.findOneAndUpdate(
        running(partnerId, holder),
        [{ $set: { again: false, ...lease.prolonged } }],
        { returnDocument: 'before' },
      )
      return before?.again === true
    },

    async release(partnerId: ObjectId, holder: LeaseHolder): Promise<void> {
      await meta.updateOne(
        { _id: idOf(partnerId), ...lease.heldBy(holder) },
        { $set: lease.released },
      )
    },
  }
}
