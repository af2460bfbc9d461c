import { randomUUID } from 'node:crypto'
import type { PortalDescription } from './data/portals'
import { json, RefusedRequest } from './http'
import type { SimulatorSettings } from './settings'

export interface Limits {
  /**
   * Counts a request of this portal against its budget.
   * @returns the headers HubSpot would send along: none on searches
   * @throws {RefusedRequest} 429, which counts for nothing
   */
  admit(portalId: number, kind: 'general' | 'search'): Record<string, string>
  /** Requests of the last ten seconds and searches of the last second */
  inUse(portalId: number): { general: number; search: number }
  reset(): void
}

/** What a portal's own description may say otherwise than the settings. */
type PortalLimits = (portalId: number) => PortalDescription['limits']

/**
 * HubSpot's limits for OAuth apps: so many requests in any ten seconds, so many searches in any
 * second, per portal.
 */
export function createLimits(
  settings: SimulatorSettings,
  appId: number,
  ofPortal: PortalLimits = () => undefined,
): Limits {
  const admitted = new Map<string, number[]>()

  /** Instants of the window that ends now. */
  function window(portalId: number, kind: string, lengthMs: number): number[] {
    const key = `${portalId}:${kind}`
    const times = admitted.get(key) ?? []
    admitted.set(key, times)
    const from = performance.now() - lengthMs
    while (times[0] !== undefined && times[0] <= from) times.shift()
    return times
  }

  return {
    admit(portalId, kind) {
      const { requestsPerTenSeconds, searchesPerSecond } = { ...settings, ...ofPortal(portalId) }
      if (kind === 'search') {
        const times = window(portalId, kind, 1_000)
        if (
          settings.rateLimits &&
          times.length >= searchesPerSecond - settings.otherAppSearchesPerSecond
        ) {
          throw new RefusedRequest(
            json(429, {
              status: 'error',
              message: 'You have reached your secondly limit.',
              errorType: 'RATE_LIMIT',
              correlationId: randomUUID(),
              policyName: 'SECONDLY',
              requestId: randomUUID(),
            }),
          )
        }
        times.push(performance.now())
        return {}
      }
      const times = window(portalId, kind, 10_000)
      const headers = (remaining: number) => ({
        'x-hubspot-ratelimit-max': String(requestsPerTenSeconds),
        'x-hubspot-ratelimit-remaining': String(Math.max(0, remaining)),
        'x-hubspot-ratelimit-interval-milliseconds': '10000',
        // Sent and not enforced: the limit is that of ten seconds.
        'x-hubspot-ratelimit-secondly': String(Math.ceil(requestsPerTenSeconds / 10)),
        'x-hubspot-ratelimit-secondly-remaining': String(
          Math.max(0, Math.ceil(requestsPerTenSeconds / 10) - 1),
        ),
      })
      if (settings.rateLimits && times.length >= requestsPerTenSeconds) {
        throw new RefusedRequest(
          json(
            429,
            {
              status: 'error',
              message: 'You have reached your ten_secondly_rolling limit.',
              errorType: 'RATE_LIMIT',
              correlationId: randomUUID(),
              policyName: 'TEN_SECONDLY_ROLLING',
              groupName: `publicapi:oauth-api-calls-ten-secondly:${appId}:${portalId}`,
            },
            headers(0),
          ),
        )
      }
      times.push(performance.now())
      return settings.rateLimits ? headers(requestsPerTenSeconds - times.length) : {}
    },
    inUse: portalId => ({
      general: window(portalId, 'general', 10_000).length,
      search: window(portalId, 'search', 1_000).length,
    }),
    reset: () => admitted.clear(),
  }
}
