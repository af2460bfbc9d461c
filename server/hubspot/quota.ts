import type { Quota } from '#shared/contracts/insight'
import type { Clock } from '../config/clock'
import type { Pacing } from './pacing'

/** Each process stores a portal's reported budget at most this often: there are many answers, ms */
const storeEveryMs = 2000

/** What HubSpot said in an answer's headers */
interface Reported {
  limit: number
  remaining: number
  daily_limit: number | null
  daily_remaining: number | null
  at: Date
}

export interface QuotaStore {
  keepReported(key: string, reported: Reported): Promise<void>
  reported(key: string): Promise<Reported | null>
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null
}

/**
 * What is left of a portal's budgets: by our own log of departures, and as HubSpot last said in an
 * answer's headers. Searches have none, and OAuth apps have no daily budget.
 * @see docs/hubspot-platform.md#limits
 */
export function createQuota({
  store,
  pacing,
  clock,
}: {
  store: QuotaStore
  pacing: Pick<Pacing, 'usage'>
  clock: Clock
}) {
  const storedAt = new Map<string, number>()

  return {
    /**
     * Stores what an answer's headers say. Never throws, and nobody waits for it: the next answer
     * says it again.
     */
    report(portalId: string, headers: Headers): void {
      const limit = wholeNumber(headers.get('x-hubspot-ratelimit-max'))
      const remaining = wholeNumber(headers.get('x-hubspot-ratelimit-remaining'))
      if (limit === null || remaining === null) return
      const now = clock()
      if (now.getTime() - (storedAt.get(portalId) ?? 0) < storeEveryMs) return
      if (storedAt.size > 1000) storedAt.clear()
      storedAt.set(portalId, now.getTime())
      const reported: Reported = {
        limit,
        remaining,
        daily_limit: wholeNumber(headers.get('x-hubspot-ratelimit-daily')),
        daily_remaining: wholeNumber(headers.get('x-hubspot-ratelimit-daily-remaining')),
        at: now,
      }
      void store.keepReported(`${portalId}:general`, reported).catch(() => {})
    },

    async read(portalId: string): Promise<Quota> {
      const [general, search, reported] = await Promise.all([
        pacing.usage(portalId, 'general'),
        pacing.usage(portalId, 'search'),
        store.reported(`${portalId}:general`),
      ])
      const at = reported?.at.toISOString() ?? null
      const present = (usage: typeof general) => ({
        limit: usage.limit,
        remaining: Math.max(0, usage.limit - usage.used),
        pausedUntil: usage.pausedUntil?.toISOString() ?? null,
      })
      return {
        tenSeconds: present(general),
        searches: present(search),
        reported:
          reported && at ? { limit: reported.limit, remaining: reported.remaining, at } : null,
        daily:
          reported?.daily_limit != null && reported.daily_remaining !== null && at
            ? { limit: reported.daily_limit, remaining: reported.daily_remaining, at }
            : null,
      }
    },
  }
}
export type QuotaMeter = ReturnType<typeof createQuota>
