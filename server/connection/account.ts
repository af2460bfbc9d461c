import type { Clock } from '../config/clock'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient } from '../hubspot/oauth-client'
import type { Integration } from './integration'

type Account = NonNullable<Integration['account']>

/**
 * The account that a token belongs to, as it is stored.
 * @param oauth asked for the details and, since only introspection tells it, for the domain
 * @throws {HubspotError} when the details are not answered; the domain may be missing
 */
export async function readAccount(
  oauth: Pick<OauthClient, 'accountDetails' | 'introspect'>,
  accessToken: string,
  clock: Clock,
): Promise<Account> {
  const [facts, domain] = await Promise.all([
    oauth.accountDetails(accessToken),
    domainOf(oauth, accessToken),
  ])
  return {
    domain,
    ui_domain: facts.uiDomain,
    hublet: facts.hublet,
    type: facts.type,
    currency: facts.currency,
    time_zone: facts.timeZone,
    read_at: clock(),
  }
}

async function domainOf(
  oauth: Pick<OauthClient, 'introspect'>,
  accessToken: string,
): Promise<string | null> {
  try {
    return (await oauth.introspect(accessToken, 'access_token')).domain
  } catch (error) {
    if (!(error instanceof HubspotError)) throw error
    return null
  }
}
