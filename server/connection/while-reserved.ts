import { HubspotError } from '../hubspot/errors'
import type { OauthClient } from '../hubspot/oauth-client'
import type { Log } from '../observability/log'
import type { PortalReservations } from './portal-reservations-repository'
import type { IntegrationRepository } from './repository'
import type { CompleteGrant } from './vault'

/** How often, and how far apart, a portal is asked for that a clean-up works on: 20 s in all */
const maxAsks = 100
const askEveryMs = 200
/**
 * Longer than the one call to HubSpot before a grant is stored; a process that died in it holds nobody
 * up for longer, ms
 */
const storedWithinMs = 15_000

export interface WhileReservedDeps {
  integrations: Pick<IntegrationRepository, 'portalOwned'>
  reservations: Pick<PortalReservations, 'take'>
  oauth: Pick<OauthClient, 'introspect'>
  wait(ms: number): Promise<void>
  log: Log
}

/** Stores grants while nobody else works on their account at HubSpot. */
export function createWhileReserved({
  integrations,
  reservations,
  oauth,
  wait,
  log,
}: WhileReservedDeps) {
  /** @returns whether HubSpot still knows the grant; `null` when it does not say */
  async function isAlive({ accessToken, refreshToken }: CompleteGrant): Promise<boolean | null> {
    try {
      const answer =
        refreshToken === null
          ? await oauth.introspect(accessToken, 'access_token')
          : await oauth.introspect(refreshToken, 'refresh_token')
      return answer.active
    } catch (error) {
      if (!(error instanceof HubspotError)) throw error
      return null
    }
  }

  /**
   * Keeps clean-ups away from the portal while the grant is stored. One that came between HubSpot's
   * answer and here, or since the grant was put aside, may have ended it as well: then nothing is
   * stored, and the person tries again.
   * @param isNew the grant has just been given
   * @returns what the work returns; `null` when it was not done
   */
  return async <T>(
    grant: CompleteGrant,
    isNew: boolean,
    work: () => Promise<T>,
  ): Promise<T | null> => {
    const { portalId } = grant
    for (let ask = 0; ask < maxAsks; ask++) {
      const free = await reservations.take(portalId, storedWithinMs)
      if (free === null) {
        await wait(askEveryMs)
        continue
      }
      try {
        // Whoever held it before may have been another connection: then the portal has an owner.
        const alive = (await isAlive(grant)) ?? (isNew && ask === 0)
        if (alive || (await integrations.portalOwned(portalId, null))) return await work()
        break
      } finally {
        await free()
      }
    }
    log.warn(
      { event: 'grant_overtaken', portalId },
      'A clean-up of the same account was under way; nothing was stored',
    )
    return null
  }
}
