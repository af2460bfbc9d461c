import { getRequestHeader, type H3Event } from 'h3'
import { DomainError } from '../errors'

/**
 * Refuses a state-changing request that another site made a browser send. Browsers say where a
 * request comes from (`Sec-Fetch-Site`, `Origin`); what says "elsewhere" is refused. A request with
 * neither header is no browser's (a partner's script with the guide's curl line) and no cross-site
 * forgery can look like it.
 * @param origin the app's own origin, from the configuration, never from the Host header
 * @throws {DomainError} `csrf_rejected`
 */
export function assertSameOrigin(event: H3Event, origin: string): void {
  const site = getRequestHeader(event, 'sec-fetch-site')
  const from = getRequestHeader(event, 'origin')
  const sameSite = site === undefined || site === 'same-origin'
  const host = getRequestHeader(event, 'host')
  const ownOrigins = [origin]
  // A browser that says "same-origin" itself may have reached us by another name of this machine
  // (127.0.0.1 in development).
  if (site === 'same-origin' && host !== undefined)
    ownOrigins.push(`http://${host}`, `https://${host}`)
  if (sameSite && (from === undefined || ownOrigins.includes(from))) return
  throw new DomainError('csrf_rejected', "This request did not come from the app's own pages.")
}

/**
 * @returns whether a browser sent this request (browsers name themselves by these headers and
 *   scripts on a page cannot remove them)
 */
export function isBrowserRequest(event: H3Event): boolean {
  return (
    getRequestHeader(event, 'sec-fetch-site') !== undefined ||
    getRequestHeader(event, 'origin') !== undefined
  )
}
