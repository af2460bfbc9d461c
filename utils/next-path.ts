/** Pages that sign-in may lead to. Anything else, above all another site, is refused. */
const pages = [
  '/leads',
  '/settings/hubspot',
  '/settings/hubspot/mapping',
  '/settings/hubspot/activity',
  '/settings/hubspot/health',
  '/settings/account',
  '/settings/users',
  '/settings/audit',
  '/settings/keys',
  '/settings/hubspot/install',
]

/**
 * Where HubSpot's marketplace install goes on after sign-in: a route of the server, so the browser
 * has to load it.
 */
const marketplaceInstall = '/v1/integrations/hubspot/callback'

/** @returns whether a path of `safeNext` leaves the pages: then it is loaded, not routed to */
export function isServerPath(path: string): boolean {
  return path.startsWith(`${marketplaceInstall}?`)
}

/**
 * @param next value of `?next=`, as anybody may have written it
 * @returns a path of ours with its query, or `null`
 */
export function safeNext(next: unknown): string | null {
  if (typeof next !== 'string' || next.length > 4096) return null
  const [path = '', query = ''] = next.split('#')[0]?.split(/\?(.*)/s) ?? []
  // Only its first step: a code or a state must never get there by way of a link to the sign-in
  // form.
  const installs = path === marketplaceInstall && /^step=authorize&returnUrl=[^&]*$/.test(query)
  if (!pages.includes(path) && !installs) return null
  // eslint-disable-next-line no-control-regex -- exactly these must not get into an address
  if (/[\u0000-\u0020\\]/.test(query)) return null
  return query === '' ? path : `${path}?${query}`
}
