import type { World } from '../world'
import type { PendingCall } from '../calls'
import { matchPath, notFound, type Reply, type SimulatorRequest } from '../http'
import { authorize, decide } from './authorize'
import { marketplace, marketplaceAuthorize, marketplaceInstalled } from './install'
import { introspect, legacyAccessToken, legacyRefreshToken, revoke, token } from './token-endpoint'

const tokenVersions = ['v1', 'v3', '2026-03', '2026-09']

/** Everything under `/oauth` and `/marketplace`. */
export function oauthRoutes(world: World, request: SimulatorRequest, call: PendingCall): Reply {
  const { method, path } = request
  const pinned = matchPath('/oauth/:portal/authorize', path)
  if (path === '/oauth/authorize' || (pinned && /^\d+$/.test(pinned.portal ?? ''))) {
    const portalId = pinned ? Number(pinned.portal) : null
    if (method === 'GET') return authorize(world, request, portalId)
    if (method === 'POST') return decide(world, request, portalId)
  }
  if (path === '/marketplace/install' && (method === 'GET' || method === 'POST'))
    return marketplace(world, request)
  if (path === '/marketplace/authorize' && method === 'GET')
    return marketplaceAuthorize(world, request)
  if (path === '/marketplace/installed' && method === 'GET') return marketplaceInstalled(world)

  const [, , version = '', ...rest] = path.split('/')
  const action = rest.join('/')
  if (method === 'POST' && tokenVersions.includes(version)) {
    if (action === 'token') return token(world, request, call)
    if (version !== 'v1' && action === 'token/introspect') return introspect(world, request, call)
    if (version !== 'v1' && action === 'token/revoke') return revoke(world, request, call)
  }
  if (version === 'v1' && rest.length === 2 && rest[1]) {
    if (rest[0] === 'access-tokens' && method === 'GET') return legacyAccessToken(world, rest[1])
    if (rest[0] === 'refresh-tokens' && (method === 'GET' || method === 'DELETE'))
      return legacyRefreshToken(world, method, rest[1])
  }
  throw notFound()
}
