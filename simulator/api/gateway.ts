import type { PendingCall } from '../calls'
import { hubspotTime } from '../clock'
import { hubspotError, notFound, RefusedRequest, type Reply, type SimulatorRequest } from '../http'
import type { Portal } from '../store/portal'
import type { World } from '../world'
import { accountDetails, uninstall } from './account'
import { associationsRoutes, objectAssociationsRoutes } from './associations'
import { batchRoutes } from './batch'
import type { ApiCall, ApiHandler } from './call'
import { allContacts } from './legacy-contacts'
import { listRoutes } from './lists'
import { customObjectRoutes } from './custom-objects'
import { exportRoutes } from './exports'
import { objectRoutes } from './objects'
import { objectTypeOf, parseApiPath, type ApiPath } from './paths'
import { schemaRoutes } from './schema'
import { search } from './search'

/** Everything that takes a bearer token: authentication, limits, then the API itself. */
export function apiRoutes(world: World, request: SimulatorRequest, pending: PendingCall): Reply {
  const path = parseApiPath(request.path)
  if (!path) throw notFound()
  pending.kind = 'general'
  const { installation, scopes } = authenticate(world, request)
  pending.portalId = installation.portalId
  const portal = world.portals.get(installation.portalId)
  if (!portal) throw invalidAuthentication()

  const isSearch = path.api === 'objects' && path.rest[1] === 'search' && path.rest.length === 2
  if (isSearch) pending.kind = 'search'
  const limitHeaders = world.limits.admit(
    installation.portalId,
    pending.kind === 'search' ? 'search' : 'general',
  )

  const call: ApiCall = {
    world,
    portal,
    request,
    version: path.version,
    source: { changeSource: 'INTEGRATION', sourceId: String(world.app.appId) },
    requireScope(...anyOf) {
      if (!anyOf.some(scope => scopes.includes(scope))) throw missingScopes(anyOf)
    },
  }
  try {
    const reply = handlerOf(path, portal)(call)
    return { ...reply, headers: { ...limitHeaders, ...reply.headers } }
  } catch (error) {
    if (!(error instanceof RefusedRequest)) throw error
    throw new RefusedRequest({
      ...error.reply,
      headers: { ...limitHeaders, ...error.reply.headers },
    })
  }
}

function handlerOf({ api, version, rest }: ApiPath, portal: Portal): ApiHandler {
  switch (api) {
    case 'objects':
      return objectsHandler(version, rest, portal)
    case 'associations':
      return associationsRoutes(version, rest)
    case 'properties':
    case 'pipelines':
    case 'owners':
      return schemaRoutes(api, rest)
    case 'contacts':
      return rest.join('/') === 'lists/all/contacts/all' ? allContacts : unknown
    case 'schemas':
      return customObjectRoutes(rest)
    case 'exports':
      return exportRoutes(rest)
    case 'lists':
      return listRoutes(rest)
    case 'account-info':
      return rest.join('/') === 'details' ? accountDetails : unknown
    case 'appinstalls':
      return rest.join('/') === 'external-install' ? uninstall : unknown
  }
}

const unknown: ApiHandler = () => {
  throw notFound()
}

function objectsHandler(version: string, rest: string[], portal: Portal): ApiHandler {
  const type = objectTypeOf(rest[0], portal)
  if (!type) return unknown
  if (rest[2] === 'associations')
    return objectAssociationsRoutes(type, rest[1] ?? '', rest.slice(3))
  // v4 of the objects API has nothing but associations.
  if (version === 'v4') return unknown
  if (rest[1] === 'search' && rest.length === 2) return call => search(call, type)
  if (rest[1] === 'batch' && rest.length === 3) return batchRoutes(type, rest[2] ?? '')
  return objectRoutes(type, rest.slice(1))
}

function authenticate(world: World, request: SimulatorRequest) {
  const [, value] = /^Bearer (\S+)$/i.exec(String(request.headers.authorization ?? '')) ?? []
  const token = value === undefined ? undefined : world.grants.accessToken(value)
  if (!token) throw invalidAuthentication()
  const sinceMs = world.clock.now() - token.expiresAt
  if (sinceMs >= 0) {
    throw withAuthFailure(
      hubspotError(401, {
        category: 'EXPIRED_AUTHENTICATION',
        message:
          `The OAuth token used to make this call expired ${Math.floor(sinceMs / 1_000)} ` +
          'second(s) ago.',
        context: { 'expire time': [hubspotTime(token.expiresAt)] },
      }),
    )
  }
  return token
}

function invalidAuthentication(): RefusedRequest {
  return withAuthFailure(
    hubspotError(401, {
      category: 'INVALID_AUTHENTICATION',
      message:
        'Authentication credentials not found. This API supports OAuth 2.0 ' +
        'authentication and you can find more details at ' +
        'https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    }),
  )
}

function withAuthFailure({ reply }: RefusedRequest): RefusedRequest {
  return new RefusedRequest({
    ...reply,
    headers: { ...reply.headers, 'x-hubspot-auth-failure': '401 Unauthorized' },
  })
}

function missingScopes(requiredGranularScopes: string[]): RefusedRequest {
  return hubspotError(403, {
    category: 'MISSING_SCOPES',
    message:
      "This app hasn't been granted all required scopes to make this call. Read more " +
      'about required scopes here: https://developers.hubspot.com/scopes.',
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        context: { requiredGranularScopes },
      },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
  })
}
