import { MongoServerError, type Document } from 'mongodb'
import { DomainError } from '../errors'
import type { Collections } from '../database/collections'
import type { Metrics } from '../observability/metrics'
import type { RequestPriority } from './crm-types'
import {
  backfillShare,
  generalSpreadMs,
  generalWindowMs,
  normalShare,
  searchSpreadMs,
  searchWindowMs,
} from './limits'
import { createWaitingLine, type WaitingLine } from './waiting-line'

export type Budget = 'general' | 'search'

export interface PacingDeps {
  collections: Pick<Collections, 'pace'>
  /** Requests in ten seconds and searches in a second that HubSpot allows one portal */
  limits: { requestsPerTenSeconds: number; searchesPerSecond: number }
  metrics?: Pick<Metrics, 'hubspotWait'>
}

export interface AcquireOptions {
  priority?: RequestPriority
  /** Gives up when the wait is longer than this, ms */
  maxWaitMs?: number
  signal?: AbortSignal
}

/** No request may leave for this portal within the time that the caller can wait. */
export class BudgetTimeout extends DomainError {
  constructor(waitMs: number) {
    super(
      'hubspot_rate_limited',
      'HubSpot allows only so many requests at a time, and they are used up for the moment. Try again shortly.',
      { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
    )
  }
}

interface Allowance {
  windowMs: number
  /** Requests that one window takes, by priority */
  caps: Record<RequestPriority, number>
  /**
   * Requests in one second that a backfill may take: it spreads, so that it never leaves a hole of
   * seconds behind
   */
  backfillPerSecond: number
}

const part = (limit: number, share: number) => Math.max(1, Math.floor(limit * share))

/**
 * The pace of requests, per portal, over all processes: one document per portal and budget logs
 * when requests were let go in the present window. One atomic update with the database's clock
 * drops what left the window and adds what still fits, so no window ever holds more than HubSpot
 * allows, however many processes ask. Bursts are possible as long as the window has room.
 */
export function createPacing({ collections: { pace }, limits, metrics }: PacingDeps) {
  const allowances: Record<Budget, Allowance> = {
    general: {
      windowMs: generalWindowMs + generalSpreadMs,
      caps: {
        interactive: limits.requestsPerTenSeconds,
        normal: part(limits.requestsPerTenSeconds, normalShare),
        backfill: part(limits.requestsPerTenSeconds, backfillShare),
      },
      backfillPerSecond: Math.max(1, Math.ceil(limits.requestsPerTenSeconds / 10)),
    },
    search: {
      windowMs: searchWindowMs + searchSpreadMs,
      caps: {
        interactive: limits.searchesPerSecond,
        normal: limits.searchesPerSecond,
        backfill: limits.searchesPerSecond,
      },
      backfillPerSecond: limits.searchesPerSecond,
    },
  }
  const lines = new Map<string, WaitingLine>()

  /** Asks once for up to `count` requests. */
  async function ask(
    key: string,
    budget: Budget,
    priority: RequestPriority,
    count: number,
  ): Promise<{ granted: number; waitMs: number }> {
    const update = grantUpdate(allowances[budget], priority, count)
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await pace.findOneAndUpdate({ _id: key }, update, {
          upsert: true,
          returnDocument: 'after',
          projection: { granted: 1, wait_ms: 1 },
        })
        return { granted: answer?.granted ?? 0, waitMs: answer?.wait_ms ?? 0 }
      } catch (error) {
        // Two first requests at once: the other one's document is there now.
        if (attempt < 3 && error instanceof MongoServerError && error.code === 11000) continue
        throw error
      }
    }
  }

  function lineOf(portalId: string, budget: Budget): WaitingLine {
    const key = `${portalId}:${budget}`
    const known = lines.get(key)
    if (known) return known
    const line = createWaitingLine({
      ask: (priority, count) => ask(key, budget, priority, count),
      onIdle: () => lines.delete(key),
    })
    lines.set(key, line)
    return line
  }

  return {
    /**
     * Waits until one more request may leave for this portal.
     * @param portalId HubSpot account id
     * @returns milliseconds waited
     * @throws {BudgetTimeout} when the wait would pass `maxWaitMs`; the signal's reason when it
     *   fires
     * @see limits.ts for HubSpot's numbers
     */
    async acquire(
      portalId: string,
      budget: Budget,
      { priority = 'normal', maxWaitMs = Number.POSITIVE_INFINITY, signal }: AcquireOptions = {},
    ): Promise<number> {
      signal?.throwIfAborted()
      const startedAt = performance.now()
      await lineOf(portalId, budget).join(priority, {
        maxWaitMs,
        signal,
        timeout: waitMs => new BudgetTimeout(waitMs),
      })
      const waitedMs = performance.now() - startedAt
      metrics?.hubspotWait.observe({ budget }, waitedMs / 1000)
      return waitedMs
    },

    /**
     * Lets nothing go for this portal for `forMs`, in any process: HubSpot answered 429. A longer
     * pause that stands already stays.
     */
    async pause(portalId: string, budget: Budget, forMs: number): Promise<void> {
      const until = { $add: ['$$NOW', Math.max(0, Math.ceil(forMs))] }
      const update = [
        {
          $set: {
            paused_until: { $max: ['$paused_until', until] },
            grants: { $ifNull: ['$grants', []] },
            granted: 0,
            wait_ms: 0,
          },
        },
      ]
      await pace
        .updateOne({ _id: `${portalId}:${budget}` }, update, { upsert: true })
        .catch((error: unknown) => {
          if (!(error instanceof MongoServerError) || error.code !== 11000) throw error
          return pace.updateOne({ _id: `${portalId}:${budget}` }, update)
        })
    },

    /** What is used of the present window, for the health page. */
    async usage(
      portalId: string,
      budget: Budget,
    ): Promise<{ used: number; limit: number; pausedUntil: Date | null }> {
      const stored = await pace.findOne({ _id: `${portalId}:${budget}` })
      const from = Date.now() - allowances[budget].windowMs
      return {
        used: stored?.grants.filter(at => at.getTime() > from).length ?? 0,
        limit: allowances[budget].caps.interactive,
        pausedUntil:
          stored?.paused_until && stored.paused_until.getTime() > Date.now()
            ? stored.paused_until
            : null,
      }
    },
  }
}
export type Pacing = ReturnType<typeof createPacing>

/**
 * The update that drops what left the window, adds as many grants as fit, and says how many and how
 * long to wait otherwise.
 */
function grantUpdate(
  { windowMs, caps, backfillPerSecond }: Allowance,
  priority: RequestPriority,
  count: number,
): Document[] {
  const cap = caps[priority]
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
  const room = (grants: string, limit: number) => ({ $subtract: [limit, { $size: grants }] })
  /** ms until so many have left that one more fits; 0 while one fits */
  const waitFor = (grants: string, limit: number, lengthMs: number) => ({
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
  const spreads = priority === 'backfill'
  return [
    // A clock that was set back leaves grants in the future: they count for one window's length
    // only, not until the clock gets there.
    { $set: { grants: since(windowMs) } },
    ...(spreads
      ? [
          {
            $set: {
              recent: {
                $filter: {
                  input: '$grants',
                  cond: { $lt: [{ $abs: { $subtract: ['$$NOW', '$$this'] } }, 1000] },
                },
              },
            },
          },
        ]
      : []),
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
                  $min: [
                    count,
                    room('$grants', cap),
                    ...(spreads ? [room(recent, backfillPerSecond)] : []),
                  ],
                },
              ],
            },
          ],
        },
        wait_ms: {
          $max: [
            paused,
            waitFor('$grants', cap, windowMs),
            ...(spreads ? [waitFor(recent, backfillPerSecond, 1000)] : []),
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
    ...(spreads ? [{ $unset: 'recent' }] : []),
  ]
}
