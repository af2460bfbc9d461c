import { DomainError } from '../errors'
import type { Metrics } from '../observability/metrics'
import type { RequestPriority } from './crm-types'
import {
  backfillShare,
  cautiousMs,
  cautiousSearches,
  generalSpreadMs,
  generalWindowMs,
  normalShare,
  searchSpacingMs,
  searchSpreadMs,
  searchWindowMs,
} from './limits'
import { createWaitingLine, type WaitingLine } from './waiting-line'

export type Budget = 'general' | 'search'

/** Requests that may leave in a short time */
interface Burst {
  ms: number
  cap: number
}

/** Where the pace is kept, shared by all processes. A key names a portal and a budget. */
export interface PaceStore {
  /** @param limits `burst` is `null` where only the window counts */
  grant(
    key: string,
    limits: { windowMs: number; cap: number; burst: Burst | null; cautiousCap?: number },
    count: number,
  ): Promise<{ granted: number; waitMs: number }>
  pause(key: string, forMs: number, cautiousMs: number): Promise<void>
  departures(key: string): Promise<{ grants: Date[]; pausedUntil: Date | null }>
}

export interface PacingDeps {
  store: PaceStore
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

/** No request may leave for this portal within the time that the caller waits. */
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
  /** What a backfill may take at once: without a burst there is no pause after it */
  backfillBurst: Burst
  /** Requests that one window takes for a while after a 429 */
  cautiousCap?: number
}

const part = (limit: number, share: number) => Math.max(1, Math.floor(limit * share))

/**
 * The pace of requests for each portal, over all processes: no window ever holds more requests than
 * HubSpot allows. Bursts are possible while the window has room.
 * Promise P10: all processes together stay below HubSpot's limits.
 */
export function createPacing({ store, limits, metrics }: PacingDeps) {
  const allowances: Record<Budget, Allowance> = {
    general: {
      windowMs: generalWindowMs + generalSpreadMs,
      caps: {
        interactive: limits.requestsPerTenSeconds,
        normal: part(limits.requestsPerTenSeconds, normalShare),
        backfill: part(limits.requestsPerTenSeconds, backfillShare),
      },
      backfillBurst: { ms: 1000, cap: Math.max(1, Math.ceil(limits.requestsPerTenSeconds / 10)) },
    },
    search: {
      windowMs: searchWindowMs + searchSpreadMs,
      caps: {
        interactive: limits.searchesPerSecond,
        normal: limits.searchesPerSecond,
        backfill: limits.searchesPerSecond,
      },
      backfillBurst: { ms: searchWindowMs / limits.searchesPerSecond + searchSpacingMs, cap: 1 },
      cautiousCap: cautiousSearches,
    },
  }
  const lines = new Map<string, WaitingLine>()

  const keyOf = (portalId: string, budget: Budget) => `${portalId}:${budget}`

  function lineOf(portalId: string, budget: Budget): WaitingLine {
    const key = keyOf(portalId, budget)
    const known = lines.get(key)
    if (known) return known
    const line = createWaitingLine({
      ask: (priority, count) => {
        const { windowMs, caps, backfillBurst, cautiousCap } = allowances[budget]
        const burst = priority === 'backfill' ? backfillBurst : null
        return store.grant(key, { windowMs, cap: caps[priority], burst, cautiousCap }, count)
      },
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
     * pause that stands already stays. Searches go on slowly for a minute.
     */
    async pause(portalId: string, budget: Budget, forMs: number): Promise<void> {
      await store.pause(keyOf(portalId, budget), forMs, cautiousMs)
    },

    /** What is used of the present window, for the health page. */
    async usage(
      portalId: string,
      budget: Budget,
    ): Promise<{ used: number; limit: number; pausedUntil: Date | null }> {
      const { grants, pausedUntil } = await store.departures(keyOf(portalId, budget))
      const from = Date.now() - allowances[budget].windowMs
      return {
        used: grants.filter(at => at.getTime() > from).length,
        limit: allowances[budget].caps.interactive,
        pausedUntil: pausedUntil && pausedUntil.getTime() > Date.now() ? pausedUntil : null,
      }
    },
  }
}
export type Pacing = ReturnType<typeof createPacing>
