import { randomBytes } from 'node:crypto'

/** 256 random bits: nothing slow is needed to store its digest */
const tokenBytes = 32

export const invitationLifetimeMs = 72 * 60 * 60 * 1000
export const resetLifetimeMs = 60 * 60 * 1000

/** @returns a token for a link, base64url */
export function newLinkToken(): string {
  return randomBytes(tokenBytes).toString('base64url')
}

/**
 * The token stands behind `#`: browsers send that part to no server, so it is in no access log and
 * in no Referer.
 */
export function linkTo(origin: string, page: 'invitation' | 'reset', token: string): string {
  return `${origin}/${page}#token=${token}`
}
