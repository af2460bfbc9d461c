import { deleteCookie, getCookie, setCookie, type H3Event } from 'h3'
import { browserIdOf, type StartedAttempt } from './oauth-state'

/** On https the prefix binds the cookie to this host and to https; browsers refuse it on http. */
const nameOf = (id: string, secure: boolean) => `${secure ? '__Host-' : ''}hs_txn_${id}`
const attributes = (secure: boolean) =>
  ({ httpOnly: true, secure, sameSite: 'lax', path: '/' }) as const

/** Gives the browser its half of an attempt. Lax, so that HubSpot's redirect back carries it. */
export function setAttemptCookie(
  event: H3Event,
  { browser }: StartedAttempt,
  secure: boolean,
): void {
  setCookie(event, nameOf(browser.id, secure), browser.secret, {
    ...attributes(secure),
    maxAge: browser.maxAgeSeconds,
  })
}

/**
 * @returns the browser's half that belongs to this state; takes the cookie back, for a state counts
 *   once
 */
export function takeAttemptCookie(
  event: H3Event,
  state: unknown,
  secure: boolean,
): string | undefined {
  const id = browserIdOf(state)
  if (id === null) return undefined
  const name = nameOf(id, secure)
  const secret = getCookie(event, name)
  if (secret !== undefined) deleteCookie(event, name, attributes(secure))
  return secret
}
