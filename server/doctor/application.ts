import hubspotApp from '../../hubspot-app/src/app/app-hsmeta.json'
import type { DoctorCheck } from '#shared/contracts/insight'
import type { Configuration } from '../config/configuration'
import { fail, isHubspots, pass, skipped, warn } from './check'

const clientIdShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const callbackPath = '/v1/integrations/hubspot/callback'

type Hubspot = Pick<
  Configuration['hubspot'],
  'redirectUri' | 'clientId' | 'authorizeUrl' | 'apiBaseUrl'
>

/**
 * HubSpot compares the redirect URI letter by letter with those that the app's project file names.
 */
function redirectUri(
  { redirectUri, authorizeUrl }: Hubspot,
  registered: readonly string[],
): DoctorCheck {
  const id = 'redirect_uri'
  const url = new URL(redirectUri)
  const local = url.hostname === 'localhost'
  if (!local && url.protocol !== 'https:')
    return fail(
      id,
      'The redirect URI does not use https.',
      'Set NUXT_PUBLIC_HUBSPOT_REDIRECT_URI to an https address; HubSpot takes http for ' +
        'localhost only.',
    )
  if (!url.pathname.endsWith(callbackPath))
    return fail(
      id,
      `The redirect URI does not end in ${callbackPath}.`,
      `Set NUXT_PUBLIC_HUBSPOT_REDIRECT_URI to this app's address followed by ` +
        `${callbackPath}, without a trailing slash.`,
    )
  if (!isHubspots(authorizeUrl))
    return pass(
      id,
      `${redirectUri} is well formed. HubSpot is simulated here, so nothing has to be registered.`,
    )
  if (registered.includes(redirectUri))
    return pass(
      id,
      `${redirectUri} is, letter by letter, one of the redirect URLs in ` +
        'hubspot-app/src/app/app-hsmeta.json.',
    )
  const fix =
    `Add exactly "${redirectUri}" to config.auth.redirectUrls in ` +
    'hubspot-app/src/app/app-hsmeta.json, then run "hs project upload".'
  return local
    ? fail(
        id,
        `${redirectUri} is none of the redirect URLs in ` +
          'hubspot-app/src/app/app-hsmeta.json: HubSpot would refuse it on its own page.',
        fix,
      )
    : warn(
        id,
        `${redirectUri} is well formed, but not among the redirect URLs in this ` +
          `installation's copy of app-hsmeta.json. That is right only if the uploaded app ` +
          'names it.',
        fix,
      )
}

function clientId({ clientId, authorizeUrl }: Hubspot): DoctorCheck {
  const id = 'client_id'
  const shown = `…${clientId.slice(-4)}`
  if (clientIdShape.test(clientId))
    return pass(id, `The client id (${shown}) has the shape of HubSpot's.`)
  if (!isHubspots(authorizeUrl)) return pass(id, `The client id (${shown}) is the simulator's.`)
  return warn(
    id,
    `The client id (${shown}) does not look like one of HubSpot's (8-4-4-4-12 hexadecimal digits).`,
    'Copy it from the HubSpot project > app > Auth tab into NUXT_PUBLIC_HUBSPOT_CLIENT_ID.',
  )
}

function addresses({ authorizeUrl, apiBaseUrl }: Hubspot): DoctorCheck {
  const id = 'hubspot_addresses'
  const real = [isHubspots(authorizeUrl), isHubspots(apiBaseUrl)]
  if (real[0] !== real[1])
    return fail(
      id,
      'The authorize URL and the API base URL belong to different systems: one is ' +
        "HubSpot's, the other is not.",
      'Set both NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL and NUXT_HUBSPOT_API_BASE_URL, or neither.',
    )
  return real[0]
    ? pass(id, 'The app talks to HubSpot itself.')
    : skipped(id, 'The app talks to a stand-in for HubSpot.')
}

/** What can be seen without asking anybody. */
export function examineApplication(
  { hubspot }: Pick<Configuration, 'hubspot'>,
  registered: readonly string[] = hubspotApp.config.auth.redirectUrls,
): DoctorCheck[] {
  return [redirectUri(hubspot, registered), clientId(hubspot), addresses(hubspot)]
}
