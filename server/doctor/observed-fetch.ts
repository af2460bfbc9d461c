import type { Clock } from '../config/clock'

export interface Observations {
  /** Milliseconds that our clock is ahead of HubSpot's; `null` before an answer with a date */
  clockAheadMs: number | null
  /** HubSpot's own count of what is left of ten seconds */
  rateLimit: { max: number; remaining: number } | null
}

/** HTTP dates have whole seconds: the true instant lies somewhere in the second that follows. */
const dateGranularityMs = 1000

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null
}

/** A `fetch` that notes what HubSpot's headers say by the way: they come with refusals as well. */
export function observeFetch(
  fetch: typeof globalThis.fetch,
  clock: Clock,
): { fetch: typeof globalThis.fetch; seen: Observations } {
  const seen: Observations = { clockAheadMs: null, rateLimit: null }
  return {
    seen,
    async fetch(input, init) {
      const before = clock().getTime()
      const response = await fetch(input, init)
      const after = clock().getTime()
      const theirs = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(theirs)) {
        // Ahead when even our earliest is later than their latest, behind the other way round; in
        // between the clocks agree.
        const ahead = Math.max(0, before - (theirs + dateGranularityMs))
        const behind = Math.max(0, theirs - after)
        seen.clockAheadMs = ahead - behind
      }
      const max = wholeNumber(response.headers.get('x-hubspot-ratelimit-max'))
      const remaining = wholeNumber(response.headers.get('x-hubspot-ratelimit-remaining'))
      if (max !== null && remaining !== null) seen.rateLimit = { max, remaining }
      return response
    },
  }
}
