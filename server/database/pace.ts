import { MongoServerError, type Document } from 'mongodb'
import type { Collections } from './collections'
import type { PaceDocument } from './documents'

/** What one caller may take of a portal's budget */
export interface PaceLimits {
  windowMs: number
  /** Requests in one window */
  cap: number
  /** Requests in a shorter time, which spreads them; `null` where only the window counts */
  burst: { ms: number; cap: number } | null
  /** Requests in one window for a while after a 429; absent: as many as before */
  cautiousCap?: number
}

type Reported = NonNullable<PaceDocument['reported']>

/**
 * Storage of the pace: one document for each portal and budget logs when requests left in the
 * present window. One atomic update with the database's clock drops what left the window and adds
 * what still fits, so no window ever holds more than HubSpot allows, over all processes.
 */
export function createPaceStore({ pace }: Pick<Collections, 'pace'>) {
  return {
    /**
     * Asks once for up to `count` requests.
     * @param key portal and budget
     * @returns how many may leave now, and how long to wait otherwise, ms
     */
    async grant(
      key: string,
      limits: PaceLimits,
      count: number,
    ): Promise<{ granted: number; waitMs: number }> {
      const update = grantUpdate(limits, count)
      for (let attempt = 0; ; attempt++) {
        try {
          const answer = await pace.findOneAndUpdate({ _id: key }, update, {
            upsert: true,
            returnDocument: 'after',
            projection: { granted: 1, wait_ms: 1 },
          })
          return { granted: answer?.granted ?? 0, waitMs: answer?.wait_ms ?? 0 }
        } catch (error) {
          // Two first requests at once: the other one's document exists now.
          if (attempt < 3 && error instanceof MongoServerError && error.code === 11000) continue
          throw error
        }
      }
    },

    /**
     * Lets nothing leave for `forMs`, and for `cautiousMs` no more in a window than
     * `PaceLimits.cautiousCap`. A longer pause stays.
     */
    async pause(key: string, forMs: number, cautiousMs: number): Promise<void> {
      const fromNow = (ms: number) => ({ $add: ['$$NOW', Math.max(0, Math.ceil(ms))] })
      const update = [
        {
          $set: {
            paused_until: { $max: ['$paused_until', fromNow(forMs)] },
            cautious_until: { $max: ['$cautious_until', fromNow(cautiousMs)] },
            grants: { $ifNull: ['$grants', []] },
            granted: 0,
            wait_ms: 0,
          },
        },
      ]
      await pace.updateOne({ _id: key }, update, { upsert: true }).catch((error: unknown) => {
        if (!(error instanceof MongoServerError) || error.code !== 11000) throw error
        return pace.updateOne({ _id: key }, update)
      })
    },

    /** @returns when requests left in about the present window, and until when none may */
    async departures(key: string): Promise<{ grants: Date[]; pausedUntil: Date | null }> {
      const stored = await pace.findOne({ _id: key })
      return { grants: stored?.grants ?? [], pausedUntil: stored?.paused_until ?? null }
    },

    /** Keeps what HubSpot said of its own count. */
    async keepReported(key: string, reported: Reported): Promise<void> {
      await pace.updateOne({ _id: key }, { $set: { reported } })
    },

    async reported(key: string): Promise<Reported | null> {
      const stored = await pace.findOne({ _id: key }, { projection: { reported: 1 } })
      return stored?.reported ?? null
    },
  }
}

/**
 * The update that drops what left the window, adds as many grants as fit, and says how many and how
 * long to wait otherwise.
 */
function grantUpdate(limits: PaceLimits, count: number): Document[] {
  const { windowMs, burst, cautiousCap = limits.cap } = limits
  const isCautious = { $gt: [{ $ifNull: ['$cautious_until', new Date(0)] }, '$$NOW'] }
  const cap = { $cond: [isCautious, Math.min(cautiousCap, limits.cap), limits.cap] }
  const since = (lengthMs: number) => ({
    $filter: {
      input: { $ifNull: ['$grants', []] },
      cond: { $lt: [{ $abs: { $subtract: ['$$NOW', '$$this'] } }, lengthMs] },
    },
  })
  const paused = {
    $max: [0, { $subtract: [{ $ifNull: ['$paused_until', new Date(0)] }, '$$NOW'] }],
  }
  const recent = '$recent'
  const room = (grants: string, limit: number | Document) => ({
    $subtract: [limit, { $size: grants }],
  })
  /** ms until so many have left that one more fits; 0 while one fits */
  const waitFor = (grants: string, limit: number | Document, lengthMs: number) => ({
    $cond: [
      { $lt: [{ $size: grants }, limit] },
      0,
      {
        $subtract: [
          {
            $add: [{ $arrayElemAt: [grants, { $subtract: [{ $size: grants }, limit] }] }, lengthMs],
          },
          '$$NOW',
        ],
      },
    ],
  })
  return [
    // A clock that was set back leaves grants in the future: they count for one window's length
    // only, not until the clock gets there.
    { $set: { grants: since(windowMs) } },
    ...(burst ? [{ $set: { recent: since(burst.ms) } }] : []),
    {
      $set: {
        granted: {
          $cond: [
            { $gt: [paused, 0] },
            0,
            {
              $max: [
                0,
                {
                  $min: [count, room('$grants', cap), ...(burst ? [room(recent, burst.cap)] : [])],
                },
              ],
            },
          ],
        },
        wait_ms: {
          $max: [
            paused,
            waitFor('$grants', cap, windowMs),
            ...(burst ? [waitFor(recent, burst.cap, burst.ms)] : []),
          ],
        },
      },
    },
    {
      $set: {
        grants: {
          $concatArrays: ['$grants', { $map: { input: { $range: [0, '$granted'] }, in: '$$NOW' } }],
        },
      },
    },
    ...(burst ? [{ $unset: 'recent' }] : []),
  ]
}
