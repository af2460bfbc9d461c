/** A session ends this long after the sign-in, whatever is done in it, s */
export const sessionLifetimeSeconds = 24 * 60 * 60
/** A session ends when nobody was at it for this long, ms */
export const idleLimitMs = 12 * 60 * 60 * 1000
