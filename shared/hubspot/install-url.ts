/**
 * @param returnUrl HubSpot's own page that installs an app, checked by the server
 * @returns the page with our state in its query, in place of any other
 */
export function withState(returnUrl: string, state: string): string {
  const url = new URL(returnUrl)
  url.searchParams.set('state', state)
  return url.href
}
