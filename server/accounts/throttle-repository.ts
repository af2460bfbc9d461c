import type { Collections } from '../database/collections'
import { upserted } from '../database/duplicate-key'

/** How a counter slows down: times in ms */
export interface Pace {
  /** Attempts within the window before waiting begins; then the wait doubles */
  free: number
  windowMs: number
  firstDelayMs: number
  longestDelayMs: number
}

const never = new Date(0)

/** Attempts to sign in that did not succeed (yet), one counter per key. */
export function createThrottleRepository({ loginAttempts }: Pick<Collections, 'loginAttempts'>) {
  return {
    /**
     * Counts an attempt and says whether it may be made, in one write: of many at once no more get
     * through than one after the other. What is refused is not counted.
     * @returns `null` when it may be made, else the instant to wait for
     */
    async take(
      key: string,
      { now, free, windowMs, firstDelayMs, longestDelayMs }: Pace & { now: Date },
    ): Promise<Date | null> {
      const isOver = { $lte: [{ $ifNull: ['$window_until', never] }, now] }
      const doublings = { $min: [20, { $subtract: ['$failures', free] }] }
      const delay = {
        $min: [longestDelayMs, { $multiply: [firstDelayMs, { $pow: [2, doublings] }] }],
      }
      const windowEnd = new Date(now.getTime() + windowMs)
      const update = [
        {
          $set: {
            failures: { $cond: [isOver, 0, '$failures'] },
            blocked_until: { $cond: [isOver, null, '$blocked_until'] },
          },
        },
        { $set: { granted: { $lte: [{ $ifNull: ['$blocked_until', never] }, now] } } },
        {
          $set: {
            failures: { $add: ['$failures', { $cond: ['$granted', 1, 0] }] },
            window_until: { $cond: ['$granted', windowEnd, '$window_until'] },
          },
        },
        {
          $set: {
            blocked_until: {
              $cond: [
                { $and: ['$granted', { $gte: ['$failures', free] }] },
                { $add: [now, delay] },
                '$blocked_until',
              ],
            },
          },
        },
      ]
      // Two first attempts at once: the other one's counter is there now.
      const counted = await upserted(() =>
        loginAttempts.findOneAndUpdate({ _id: key }, update, {
          upsert: true,
          returnDocument: 'after',
        }),
      )
      return counted?.granted === false ? (counted.blocked_until ?? now) : null
    },

    /** Takes one counted attempt back, and the wait that it began. */
    async giveBack(key: string, { free }: Pick<Pace, 'free'>): Promise<void> {
      await loginAttempts.updateOne({ _id: key }, [
        { $set: { failures: { $max: [0, { $subtract: ['$failures', 1] }] } } },
        {
          $set: {
            blocked_until: { $cond: [{ $lt: ['$failures', free] }, null, '$blocked_until'] },
          },
        },
      ])
    },

    async clear(key: string): Promise<void> {
      await loginAttempts.deleteOne({ _id: key })
    },

    /** Removes counters whose window and wait ended before this. */
    async prune(before: Date): Promise<void> {
      await loginAttempts.deleteMany({
        window_until: { $lt: before },
        $or: [{ blocked_until: null }, { blocked_until: { $lt: before } }],
      })
    },
  }
}
