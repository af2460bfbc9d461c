import { optionalScopes, requiredScopes } from './scopes'

export interface AuthorizeUrlParts {
  /** Where HubSpot asks the user, e.g. `https://app.hubspot.com/oauth/authorize` */
  authorizeUrl: string
  clientId: string
  /** Byte for byte one of the redirect URLs in the HubSpot app's configuration */
  redirectUri: string
  /** Opaque single-use value from `POST …/hubspot/connect` */
  state: string
  scopes?: readonly string[]
  optionalScopes?: readonly string[]
}

/**
 * Builds the URL that starts HubSpot's OAuth 2.0 authorization code flow. Spaces between scopes are
 * `%20` (never `+`), as HubSpot's own clients write them.
 * @see
 *   https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth
 */
export function buildAuthorizeUrl(parts: AuthorizeUrlParts): string {
  const query: [string, string][] = [
    ['client_id', parts.clientId],
    ['redirect_uri', parts.redirectUri],
    ['scope', (parts.scopes ?? requiredScopes).join(' ')],
  ]
  const optional = parts.optionalScopes ?? optionalScopes
  if (optional.length > 0) query.push(['optional_scope', optional.join(' ')])
  query.push(['state', parts.state])
  const separator = parts.authorizeUrl.includes('?') ? '&' : '?'
  return (
    parts.authorizeUrl +
    separator +
    query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  )
}
