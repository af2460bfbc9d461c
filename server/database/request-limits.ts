import type { Clock } from '../config/clock'
import { DomainError } from '../errors'
import type { Collections } from './collections'
import { upserted } from './duplicate-key'

const windowMs = 60_000
/** Counts are of no use after their minute. */
const keptMs = 60 * 60 * 1000

/**
 * How often expensive requests may be made, over all processes: a counter for each kind and person
 * or partner, per minute.
 */
export function createRequestLimits({
  collections: { requestLimits },
  clock,
}: {
  collections: Pick<Collections, 'requestLimits'>
  clock: Clock
}) {
  return {
    /**
     * Counts one request, in one atomic update. What is refused is not counted.
     * @param key kind of request and who makes it
     * @param most requests in a minute
     * @throws {DomainError} `too_many_attempts` when the minute is full
     */
    async take(key: string, most: number): Promise<void> {
      const now = clock()
      const age = { $subtract: [now, { $ifNull: ['$since', new Date(0)] }] }
      // Clocks differ a little. One that was set back leaves a minute in the future: it is over too.
      const isOver = { $gte: [{ $abs: age }, windowMs] }
      const update = [
        {
          $set: {
            since: { $cond: [isOver, now, '$since'] },
            count: { $cond: [isOver, 0, '$count'] },
          },
        },
        { $set: { granted: { $lt: ['$count', most] } } },
        { $set: { count: { $add: ['$count', { $cond: ['$granted', 1, 0] }] } } },
      ]
      // Two first requests at once: the other one's counter is there now.
      const counted = await upserted(() =>
        requestLimits.findOneAndUpdate({ _id: key }, update, {
          upsert: true,
          returnDocument: 'after',
        }),
      )
      if (!counted || counted.granted) return
      throw new DomainError(
        'too_many_attempts',
        'Too many requests. Wait a little and try again.',
        {
          retryAfterSeconds: Math.ceil((counted.since.getTime() + windowMs - now.getTime()) / 1000),
        },
      )
    },
    async prune(): Promise<void> {
      await requestLimits.deleteMany({ since: { $lt: new Date(clock().getTime() - keptMs) } })
    },
  }
}
export type RequestLimits = ReturnType<typeof createRequestLimits>
