import type { Db } from 'mongodb'
import type { Clock } from '../config/clock'

/** Smaller differences are left alone: they are within what a question takes, ms */
const toleranceMs = 2000
/** An answer that took longer than this tells the time too roughly, ms */
const maxRoundTripMs = 1000
/** How often the two clocks are compared, ms */
const everyMs = 60_000

/**
 * The database's clock, so that all processes of an installation go by one clock and a process
 * whose own is wrong harms nobody: sessions, leases, schedules, signatures. Until it was asked the
 * first time, and where the server cannot tell it, the process's own clock counts.
 * @param processClock the clock of this process
 */
export function followDatabaseClock(db: Db, processClock: Clock) {
  let offsetMs = 0
  let timer: NodeJS.Timeout | undefined

  /** Never throws: the next comparison comes by itself. */
  async function compare(): Promise<void> {
    const [startedAt, askedAt] = [performance.now(), processClock().getTime()]
    const answer = await db
      .aggregate<{ now: Date }>([{ $documents: [{}] }, { $project: { now: '$$NOW' } }])
      .next()
      .catch(() => null)
    const roundTripMs = performance.now() - startedAt
    if (!(answer?.now instanceof Date) || roundTripMs > maxRoundTripMs) return
    const difference = answer.now.getTime() - (askedAt + roundTripMs / 2)
    offsetMs = Math.abs(difference) > toleranceMs ? Math.round(difference) : 0
  }

  return {
    clock: (): Date => new Date(processClock().getTime() + offsetMs),
    /** Compares now and from now on. */
    async start(): Promise<void> {
      await compare()
      timer ??= setInterval(() => void compare(), everyMs).unref()
    },
    stop: (): void => clearInterval(timer),
  }
}
