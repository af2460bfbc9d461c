import type { ObjectId } from 'mongodb'
import { TooManyAttempts } from '../accounts/errors'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { isDuplicateKey } from '../database/duplicate-key'

/** Starts that one person gets in a minute (docs/security-checklist.md#a34). */
export const startsPerMinute = 10
const windowMs = 60_000
/** Counts are of no use after their minute; maintenance removes them an hour later. */
const keptMs = 60 * 60 * 1000

/**
 * How often one person may begin to connect, over all processes: a document per person logs the
 * starts of the last minute, and one atomic update drops what is older and adds one more where it
 * fits. What is refused is not logged, so pressing on does not prolong the wait.
 */
export function createStartLimit({
  collections: { connectStarts },
  clock,
}: {
  collections: Pick<Collections, 'connectStarts'>
  clock: Clock
}) {
  return {
    /** Counts one start. @throws {TooManyAttempts} when the last minute is full */
    async take(userId: ObjectId): Promise<void> {
      const now = clock()
      const update = [
        // A clock that was set back leaves starts in the future: they count for one window's length
        // only.
        {
          $set: {
            starts: {
              $filter: {
                input: { $ifNull: ['$starts', []] },
                cond: { $lt: [{ $abs: { $subtract: [now, '$$this'] } }, windowMs] },
              },
            },
          },
        },
        { $set: { granted: { $lt: [{ $size: '$starts' }, startsPerMinute] }, last_at: now } },
        {
          $set: {
            starts: { $cond: ['$granted', { $concatArrays: ['$starts', [now]] }, '$starts'] },
          },
        },
      ]
      const ask = () =>
        connectStarts.findOneAndUpdate({ _id: userId }, update, {
          upsert: true,
          returnDocument: 'after',
        })
      // Two first starts at once: the other one's document is there now.
      const counted = await ask().catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error
        return ask()
      })
      if (counted?.granted) return
      const freeAt = (counted?.starts[0]?.getTime() ?? now.getTime()) + windowMs
      throw new TooManyAttempts(Math.max(1, Math.ceil((freeAt - now.getTime()) / 1000)))
    },
    async removeOld(): Promise<void> {
      await connectStarts.deleteMany({ last_at: { $lt: new Date(clock().getTime() - keptMs) } })
    },
  }
}
export type StartLimit = ReturnType<typeof createStartLimit>
