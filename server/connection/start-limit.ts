import type { ObjectId } from 'mongodb'
import { TooManyAttempts } from '../accounts/errors'
import type { Clock } from '../config/clock'
import type { AttemptsRepository } from './oauth-state-repository'

/** Starts that one person gets in a minute (docs/security-checklist.md#a34). */
export const startsPerMinute = 10
const windowMs = 60_000
/** Counts are of no use after their minute; maintenance removes them an hour later. */
const keptMs = 60 * 60 * 1000

/**
 * How often one person may begin to connect, over all processes: a document per person logs the
 * starts of the last minute. What is refused is not logged, so pressing on does not prolong the
 * wait.
 */
export function createStartLimit({
  attempts,
  clock,
}: {
  attempts: Pick<AttemptsRepository, 'countStart' | 'removeStarts'>
  clock: Clock
}) {
  return {
    /** Counts one start. @throws {TooManyAttempts} when the last minute is full */
    async take(userId: ObjectId): Promise<void> {
      const now = clock()
      const { granted, oldest } = await attempts.countStart(userId, {
        now,
        windowMs,
        most: startsPerMinute,
      })
      if (granted) return
      const freeAt = (oldest ?? now).getTime() + windowMs
      throw new TooManyAttempts(Math.max(1, Math.ceil((freeAt - now.getTime()) / 1000)))
    },
    async removeOld(): Promise<void> {
      await attempts.removeStarts(new Date(clock().getTime() - keptMs))
    },
  }
}
export type StartLimit = ReturnType<typeof createStartLimit>
