import type { Quota } from '#shared/contracts/insight'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { PaceDocument } from '../database/documents'
import type { Pacing } from './pacing'

/**
 * What HubSpot says of its budgets is stored this often per portal and process at most: answers
 * come by the hundred.
 */
const storeEveryMs = 2000

type Reported = NonNullable<PaceDocument['reported']>

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null
}

/**
 * What is left of a portal's budgets: by our own log of departures, and as HubSpot last said in an
 * answer's headers (hubspot.md §5; none on searches, no daily budget for OAuth apps).
 */
export function createQuota({
  collections: { pace },
  pacing,
  clock,
}: {
  collections: Pick<Collections, 'pace'>
  pacing: Pick<Pacing, 'usage'>
  clock: Clock
}) {
  const storedAt = new Map<string, number>()

  return {
    /**
     * Notes what an answer's headers say. Never throws and keeps nobody waiting: the next answer
     * says it anew.
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
      void pace.updateOne({ _id: `${portalId}:general` }, { $set: { reported } }).catch(() => {})
    },

    async read(portalId: string): Promise<Quota> {
      const [general, search, stored] = await Promise.all([
        pacing.usage(portalId, 'general'),
        pacing.usage(portalId, 'search'),
        pace.findOne({ _id: `${portalId}:general` }, { projection: { reported: 1 } }),
      ])
      const reported = stored?.reported ?? null
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
