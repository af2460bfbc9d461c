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
/** Clocks of two processes agree to this, ms */
const clocksDifferMs = 500

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
  /** @returns whether HubSpot still knows the grant; `false` when it does not say so */
  async function isAlive({ accessToken, refreshToken }: CompleteGrant): Promise<boolean> {
    try {
      const answer =
        refreshToken === null
          ? await oauth.introspect(accessToken, 'access_token')
          : await oauth.introspect(refreshToken, 'refresh_token')
      return answer.active
    } catch (error) {
      if (!(error instanceof HubspotError)) throw error
      return false
    }
  }

  /**
   * Keeps clean-ups away from the portal while the grant is stored. One that was under way,
   * or that ended between HubSpot's answer and here, may have ended the grant as well: then HubSpot is
   * asked, and where it does not know the grant nothing is stored, and the person tries again.
   * @returns what the work returns; `null` when it was not done
   */
  return async <T>(grant: CompleteGrant, work: () => Promise<T>): Promise<T | null> => {
    const { portalId } = grant
    for (let ask = 0; ask < maxAsks; ask++) {
      const reservation = await reservations.take(portalId, storedWithinMs)
      if (reservation === null) {
        await wait(askEveryMs)
        continue
      }
      try {
        const { cleanedAt } = reservation
        const isSure =
          ask === 0 && !(cleanedAt && cleanedAt.getTime() + clocksDifferMs > grant.sentAt.getTime())
        // Whoever held it before may have been another connection: then the portal has an owner.
        if (isSure || (await integrations.portalOwned(portalId, null)) || (await isAlive(grant)))
          return await work()
        break
      } finally {
        await reservation.free()
      }
    }
    log.warn(
      { event: 'grant_overtaken', portalId },
      'A clean-up of the same account was under way; nothing was stored',
    )
    return null
  }
}
