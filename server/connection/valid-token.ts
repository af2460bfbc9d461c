import type { ObjectId } from 'mongodb'
import { HubspotUnavailable, NotConnected, ReauthorizationRequired } from './errors'
import type { Integration } from './integration'
import type { RefreshFailures } from './refresh-failures'
import type { Vault } from './vault'

export interface ValidToken {
  accessToken: string
  portalId: string
  /** Grows with each grant and refresh: says which token a 401 was about */
  tokenVersion: number
  expiresAt: Date
}

/** @throws {NotConnected | ReauthorizationRequired} where no token can be had */
export function usable(integration: Integration | null): Integration {
  if (!integration || integration.status === 'disconnected') throw new NotConnected()
  if (integration.status === 'revoked') throw new ReauthorizationRequired()
  return integration
}

/** @returns the error for a partner whose next refresh has to wait */
export function unavailableUntil(integration: Integration, now: Date): HubspotUnavailable {
  const waitMs = (integration.retry_refresh_at?.getTime() ?? 0) - now.getTime()
  return new HubspotUnavailable(Math.max(1000, waitMs))
}

/** Opens stored access tokens. */
export function createTokenReader({
  vault,
  failures,
}: {
  vault: Vault
  failures: RefreshFailures
}) {
  return async function openToken(
    partnerId: ObjectId,
    { access_token, portal_id, token_version, expires_at }: Integration,
  ): Promise<ValidToken> {
    if (!access_token || !portal_id || !expires_at) throw new NotConnected()
    try {
      return {
        accessToken: vault.open(partnerId, 'access_token', access_token),
        portalId: portal_id,
        tokenVersion: token_version,
        expiresAt: expires_at,
      }
    } catch (error) {
      throw await failures.unreadable(partnerId, error)
    }
  }
}
export type OpenToken = ReturnType<typeof createTokenReader>
