import { randomUUID } from 'node:crypto'
import type { Clock } from '../config/clock'
import { DomainError } from '../errors'
import type { Collections } from './collections'
import { upserted } from './duplicate-key'

/** Event streams that one session may have open: more than anybody has tabs */
export const mostStreams = 10
/** A place that nobody keeps for this long is free: its process was killed, ms */
const keptMs = 60_000
const retryAfterSeconds = 5

export interface StreamPlace {
  /**
   * Holds the place for another minute; asked for at least three times in one.
   * @returns whether the stream may go on: a place that was lost meanwhile may be taken by now
   */
  keep(): Promise<boolean>
  /** Gives the place back. Never throws: it is free by itself after a minute. */
  leave(): Promise<void>
}

/** How many event streams a session has open, over all processes: a document for each session. */
export function createOpenStreams({
  collections: { openStreams },
  clock,
}: {
  collections: Pick<Collections, 'openStreams'>
  clock: Clock
}) {
  /** Takes or keeps a place, in one atomic update. @returns whether there was one */
  async function hold(session: string, stream: string): Promise<boolean> {
    const now = clock()
    const until = new Date(now.getTime() + keptMs)
    const others = {
      $filter: {
        input: { $ifNull: ['$places', []] },
        as: 'place',
        cond: { $and: [{ $gt: ['$$place.until', now] }, { $ne: ['$$place.stream', stream] }] },
      },
    }
    const update = [
      { $set: { places: others } },
      { $set: { granted: { $lt: [{ $size: '$places' }, mostStreams] } } },
      {
        $set: {
          until,
          places: {
            $cond: ['$granted', { $concatArrays: ['$places', [{ stream, until }]] }, '$places'],
          },
        },
      },
    ]
    const held = await upserted(() =>
      openStreams.findOneAndUpdate({ _id: session }, update, {
        upsert: true,
        returnDocument: 'after',
      }),
    )
    return held?.granted ?? false
  }

  return {
    /**
     * Takes a place for one stream of a session.
     * @throws {DomainError} `too_many_attempts` when all places are taken
     */
    async take(session: string): Promise<StreamPlace> {
      const stream = randomUUID()
      if (!(await hold(session, stream)))
        throw new DomainError('too_many_attempts', 'Too many pages are open. Close some of them.', {
          retryAfterSeconds,
        })
      return {
        keep: () => hold(session, stream),
        async leave() {
          await openStreams
            .updateOne({ _id: session }, { $pull: { places: { stream } } })
            .catch(() => {})
        },
      }
    },
    /** Removes what is of no use any more. */
    async prune(): Promise<void> {
      await openStreams.deleteMany({ until: { $lte: clock() } })
    },
  }
}
export type OpenStreams = ReturnType<typeof createOpenStreams>
