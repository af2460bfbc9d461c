import { policy, type RoutePolicy } from '../../server/http/policy'

export const anId = '6b05c37dd311661b14a5d6e5'
const parameters: Record<string, string> = {
  ':id': anId,
  ':object': 'contacts',
  ':entryId': anId,
  ':cause': 'value_refused',
}

/** @returns the route's path with something in place of its parameters */
export function pathOf(route: RoutePolicy, values: Record<string, string> = {}): string {
  return route.path
    .split('/')
    .map(part => values[part] ?? parameters[part] ?? part)
    .join('/')
}

/** It changes nothing, and takes no body. */
export const reads = (route: RoutePolicy): boolean =>
  route.method === 'GET' || route.method === 'HEAD'
/** Every route that changes something and is called by people, not by HubSpot. */
export const changingRoutes = policy.filter(route => !reads(route) && route.role !== 'signature')
export const signedInRoutes = policy.filter(
  route => route.role === 'member' || route.role === 'admin',
)
/** Whoever calls it is signed out. */
export const endsSession = (route: RoutePolicy): boolean =>
  route.path === '/api/v1/auth/logout' ||
  (route.method === 'DELETE' && route.path === '/api/v1/auth/sessions')
/** Its answer does not end. */
export const isStream = (route: RoutePolicy): boolean => route.path.endsWith('/events')
