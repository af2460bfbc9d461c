import type { Collections } from '../database/collections'
import type { LoginAttemptDocument } from '../database/documents'

/** Failed sign-ins, one counter per key. */
export function createThrottleRepository({ loginAttempts }: Pick<Collections, 'loginAttempts'>) {
  return {
    async find(keys: readonly string[]): Promise<LoginAttemptDocument[]> {
      return await loginAttempts.find({ _id: { $in: [...keys] } }).toArray()
    },

    /**
     * Counts a failure within the window. From the `free`-th one on the key has to wait, twice as
     * long each time.
     */
    async countFailure(
      key: string,
      {
        now,
        free,
        windowMs,
        firstDelayMs,
        longestDelayMs,
      }: { now: Date } & Record<'free' | 'windowMs' | 'firstDelayMs' | 'longestDelayMs', number>,
    ): Promise<void> {
      const expired = { $lte: [{ $ifNull: ['$window_until', new Date(0)] }, now] }
      const failures = { $cond: [expired, 1, { $add: ['$failures', 1] }] }
      const doublings = { $min: [20, { $subtract: ['$failures', free] }] }
      const delay = {
        $min: [longestDelayMs, { $multiply: [firstDelayMs, { $pow: [2, doublings] }] }],
      }
      await loginAttempts.updateOne(
        { _id: key },
        [
          { $set: { failures } },
          {
            $set: {
              window_until: new Date(now.getTime() + windowMs),
              blocked_until: {
                $cond: [{ $gte: ['$failures', free] }, { $add: [now, delay] }, null],
              },
            },
          },
        ],
        { upsert: true },
      )
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
