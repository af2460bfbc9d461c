import type { DoctorCheck } from '#shared/contracts/insight'
import { HubspotError } from '../hubspot/errors'
import type { OauthClient } from '../hubspot/oauth-client'
import { fail, pass, skipped, warn } from './check'
import type { Observations } from './observed-fetch'

/** No token of anybody's: HubSpot answers `active: false` to whoever proves to be the app. */
const nobodysToken = 'partner-connector-doctor'

/**
 * Webhooks are refused when they are dated more than 60 s ahead of our clock or 5 min behind it;
 * tokens expire by it.
 */
const clockLimits = { warnMs: 10_000, behindMs: 60_000, aheadMs: 240_000 }

async function clientSecret(oauth: OauthClient): Promise<DoctorCheck> {
  const id = 'client_secret'
  try {
    await oauth.introspect(nobodysToken, 'refresh_token')
    return pass(id, 'HubSpot accepts the client id and secret.')
  } catch (error) {
    if (!(error instanceof HubspotError)) throw error
    if (error.kind === 'config' || error.kind === 'revoked') {
      const which =
        error.category === 'BAD_CLIENT_ID'
          ? 'client id'
          : error.category === 'BAD_CLIENT_SECRET'
            ? 'client secret'
            : 'client id or secret'
      return fail(
        id,
        `HubSpot refuses the ${which} (${error.category ?? error.status ?? 'no code'}).`,
        'Copy both from the HubSpot project > app > Auth tab into ' +
          'NUXT_PUBLIC_HUBSPOT_CLIENT_ID and NUXT_HUBSPOT_CLIENT_SECRET, then restart. ' +
          'Connections are kept meanwhile.',
      )
    }
    return warn(
      id,
      `HubSpot could not be asked (${error.category ?? error.status ?? error.kind}), so ` +
        'the secret is not verified.',
      'Check that this machine may open https connections to NUXT_HUBSPOT_API_BASE_URL, ' +
        'and https://status.hubspot.com.',
    )
  }
}

function clockSkew({ clockAheadMs }: Observations): DoctorCheck {
  const id = 'clock_skew'
  if (clockAheadMs === null) return skipped(id, 'HubSpot gave no date to compare with.')
  const size = Math.abs(clockAheadMs)
  const words =
    `This machine's clock is ${(size / 1000).toFixed(0)} s ` +
    `${clockAheadMs > 0 ? 'ahead of' : 'behind'} HubSpot's.`
  const fix = 'Let the machine set its clock by NTP.'
  if (clockAheadMs > clockLimits.aheadMs || clockAheadMs < -clockLimits.behindMs)
    return fail(
      id,
      `${words} Webhooks are refused and tokens seem expired or valid when they are not.`,
      fix,
    )
  if (size > clockLimits.warnMs) return warn(id, words, fix)
  return pass(id, "This machine's clock agrees with HubSpot's.")
}

/**
 * Asks HubSpot's token introspection about a token that does not exist: that tells a wrong secret,
 * and HubSpot's time, without touching a grant.
 */
export async function examineCredentials(
  oauth: OauthClient,
  seen: Observations,
): Promise<DoctorCheck[]> {
  const secret = await clientSecret(oauth)
  return [secret, clockSkew(seen)]
}
