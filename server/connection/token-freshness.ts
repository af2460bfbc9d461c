import type { Integration } from './integration'

/** A token that is handed out has at least five minutes left. */
const refreshMarginMs = 5 * 60 * 1000

/**
 * @param expiresIn lifetime as HubSpot told it, seconds
 * @returns whether a token has enough life left to be handed out. Of tokens that live no longer
 *   than the margin, half of their life is enough.
 */
export function leavesMargin(expiresAt: Date, expiresIn: number | null, now: Date): boolean {
  const lifetimeMs = (expiresIn ?? 1800) * 1000
  const marginMs = lifetimeMs > refreshMarginMs ? refreshMarginMs : lifetimeMs / 2
  return expiresAt.getTime() - now.getTime() >= marginMs
}

/** @returns whether the stored access token may still be handed out */
export function isFresh(
  {
    expires_at,
    expires_in,
    access_token,
  }: Pick<Integration, 'expires_at' | 'expires_in' | 'access_token'>,
  now: Date,
): boolean {
  return expires_at !== null && access_token !== null && leavesMargin(expires_at, expires_in, now)
}
