import type { World } from '../world'
import { html, redirect, RefusedRequest, type Reply, type SimulatorRequest } from '../http'
import { consentPage, errorPage } from './pages'

interface AuthorizeQuery {
  redirectUri: string
  scopes: string[]
  optionalScopes: string[]
  state: string | null
  codeChallenge: string | null
  /** Marketplace install: added to what the app gets back */
  extra: Record<string, string>
}

/** `GET /oauth/authorize`: asks the user, or grants at once where the settings say so. */
export function authorize(
  world: World,
  request: SimulatorRequest,
  pinnedPortalId: number | null,
): Reply {
  const query = readQuery(world, request.query)
  const { autoGrantPortalId } = world.settings
  if (autoGrantPortalId !== null) return grant(world, query, pinnedPortalId ?? autoGrantPortalId)
  const portals = [...world.portals.values()]
    .map(({ description }) => description)
    .filter(({ id }) => pinnedPortalId === null || id === pinnedPortalId)
  if (portals.length === 0)
    return html(400, errorPage(`You have no access to account ${pinnedPortalId}.`))
  return html(
    200,
    consentPage({
      appName: world.app.name,
      portals,
      scopes: query.scopes,
      optionalScopes: query.optionalScopes,
      action: request.path,
      hidden: Object.fromEntries(request.query),
    }),
  )
}

/** The consent page's form. */
export function decide(
  world: World,
  request: SimulatorRequest,
  pinnedPortalId: number | null,
): Reply {
  const form = new URLSearchParams(request.body)
  const query = readQuery(world, form)
  if (form.get('decision') === 'grant')
    return grant(world, query, pinnedPortalId ?? Number(form.get('portalId')))
  return redirect(
    withQuery(query.redirectUri, {
      error: 'access_denied',
      error_description: 'The user denied access to the application',
      ...(query.state === null ? {} : { state: query.state }),
    }),
  )
}

function grant(world: World, query: AuthorizeQuery, portalId: number): Reply {
  const portal = world.portals.get(portalId)
  if (!portal) return html(400, errorPage(`You have no access to account ${portalId}.`))
  const { description } = portal
  const code = world.grants.createCode(
    {
      redirectUri: query.redirectUri,
      portalId,
      scopes: [...query.scopes, ...query.optionalScopes],
      userId: description.user.id,
      user: description.user.email,
      codeChallenge: query.codeChallenge,
    },
    description.hublet,
  )
  return redirect(
    withQuery(query.redirectUri, {
      code,
      ...(query.state === null ? {} : { state: query.state }),
      ...query.extra,
    }),
  )
}

/**
 * Checks what the app asks for against its configuration. HubSpot tells every mismatch on its own
 * page.
 */
function readQuery({ app }: World, query: URLSearchParams): AuthorizeQuery {
  const refuse = (message: string) => new RefusedRequest(html(400, errorPage(message)))
  const scopesOf = (name: string) =>
    (query.get(name) ?? '').split(' ').filter(scope => scope !== '')
  if (query.get('client_id') !== app.clientId)
    throw refuse(
      'We couldn’t find the app you are trying to install: the client ID is missing or invalid.',
    )
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!app.redirectUrls.includes(redirectUri)) {
    throw refuse(
      `Authorization failed as the redirect URL '${redirectUri}' doesn't match the app's registered redirect URL.`,
    )
  }
  const scopes = scopesOf('scope')
  const optionalScopes = scopesOf('optional_scope')
  const missing = app.requiredScopes.filter(scope => !scopes.includes(scope))
  const unknown = [
    ...scopes.filter(
      scope => ![...app.requiredScopes, ...app.conditionallyRequiredScopes].includes(scope),
    ),
    ...optionalScopes.filter(scope => !app.optionalScopes.includes(scope)),
  ]
  if (missing.length > 0 || unknown.length > 0) {
    throw refuse(
      `Authorization failed because there is a mismatch between the scopes in the install URL and the app's configured scopes.${
        missing.length > 0 ? ` Missing: ${missing.join(', ')}.` : ''
      }${unknown.length > 0 ? ` Not configured: ${unknown.join(', ')}.` : ''}`,
    )
  }
  const returnUrl = query.get('simulator_return_url')
  return {
    redirectUri,
    scopes,
    optionalScopes,
    state: query.get('state'),
    codeChallenge: query.get('code_challenge'),
    extra: returnUrl === null ? {} : { step: 'finalize', returnUrl },
  }
}

/** Adds parameters to a redirect URI, spaces as `%20`. */
function withQuery(uri: string, parameters: Record<string, string>): string {
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}
