import { deleteCookie, getCookie, getRequestHeader, setCookie, type H3Event } from 'h3'
import { ObjectId } from 'mongodb'
import type { Role, Session } from '#shared/contracts/account'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { RequestOrigin } from '../database/audit'
import { browserName } from './browser-name'
import { NotSignedIn } from './errors'
import { idleLimitMs } from './session-lifetime'
import { createSessionsRepository } from './sessions-repository'
import type { SessionTokens } from './tokens'

/** The guide's name for the session cookie. */
export const sessionCookie = 'access_token'
const lastSeenStepMs = 60 * 1000
/** Sessions that a list shows, the latest ones */
const mostListed = 100

/**
 * Who makes a request: read from the database at each one, so that a demotion or a revocation
 * counts at once.
 */
export interface SignedIn {
  sessionId: ObjectId
  user: { id: ObjectId; email: string; role: Role }
  partner: { id: ObjectId; name: string }
  /** When they last proved who they are: at the sign-in, or later */
  provenAt?: Date
  /** Their organisation asks for a passkey and they have none: they may do nothing but add one */
  mustAddPasskey?: boolean
  /** A partner's own program, not a person: `user` is then its key */
  isServiceKey?: true
  /** Where the request came from; the route fills it in */
  from?: RequestOrigin
}

export interface SessionsDeps {
  collections: Collections
  tokens: SessionTokens
  clock: Clock
  /** Secure cookies: the app's origin is https */
  secure: boolean
  lifetimeSeconds: number
}

/**
 * The context of the browser's request: Nitro hands it on with what a page asks within the process.
 * No header can set it.
 */
function outermostContext({ node: { req }, context }: H3Event): object {
  const outer = '__unenv__' in req ? req.__unenv__ : undefined
  return typeof outer === 'object' && outer !== null ? outer : context
}

/**
 * Sessions: a row in MongoDB that a signed cookie points to.
 * Promise P9: the partner comes from the session's row and nowhere else.
 */
export function createSessions({
  collections,
  tokens,
  clock,
  secure,
  lifetimeSeconds,
}: SessionsDeps) {
  const rows = createSessionsRepository(collections)
  const resolved = new WeakMap<
    object,
    { token: string | undefined; signedIn: Promise<SignedIn | null> }
  >()
  // Lax, not Strict: HubSpot's redirect back is a top-level navigation from another site and must
  // carry the session.
  const attributes = { httpOnly: true, secure, sameSite: 'lax', path: '/' } as const

  /**
   * @param isSeen whether the person is at it: what goes on by itself keeps no session from idling
   * @returns who is signed in by this token, or `null`
   */
  async function resolve(
    token: string | undefined,
    { isSeen = true }: { isSeen?: boolean } = {},
  ): Promise<SignedIn | null> {
    if (!token) return null
    const claims = await tokens.verify(token)
    if (!claims) return null
    const now = clock()
    const found = await rows.findWithOwner({
      sessionId: new ObjectId(claims.sessionId),
      userId: new ObjectId(claims.userId),
      partnerId: new ObjectId(claims.partnerId),
    })
    if (!found || found.user.disabled) return null
    const { session, user, partner } = found
    if (
      session.revoked_at !== null ||
      session.expires_at <= now ||
      session.last_seen_at.getTime() + idleLimitMs <= now.getTime()
    )
      return null
    if (!user.partner_id.equals(partner._id)) return null
    if (isSeen && now.getTime() - session.last_seen_at.getTime() > lastSeenStepMs) {
      await rows.setLastSeen(session._id, now)
    }
    return {
      sessionId: session._id,
      user: { id: user._id, email: user.email, role: user.role },
      partner: { id: partner._id, name: partner.name },
      provenAt: session.proven_at ?? session.created_at,
      mustAddPasskey: await mustAddPasskey(user._id, partner),
    }
  }

  /**
   * Resolves the token of a request. A page that is rendered asks the API several times within one
   * request of the browser's: it is one look then, at one instant.
   */
  async function once(event: H3Event): Promise<SignedIn | null> {
    const token = getCookie(event, sessionCookie)
    const request = outermostContext(event)
    let known = resolved.get(request)
    if (known === undefined || known.token !== token) {
      known = { token, signedIn: resolve(token) }
      resolved.set(request, known)
      // Trouble with the database is no answer: the next one asks again.
      known.signedIn.catch(() => resolved.delete(request))
    }
    // A copy for each: a route adds to its own where the request came from.
    const signedIn = await known.signedIn
    return signedIn && { ...signedIn }
  }

  async function mustAddPasskey(
    userId: ObjectId,
    partner: { passkeys_required?: boolean },
  ): Promise<boolean> {
    return partner.passkeys_required === true && !(await rows.hasPasskey(userId))
  }

  return {
    resolve,
    mustAddPasskey,
    /** @returns who is signed in, or `null` */
    find: (event: H3Event) => once(event),
    /** @returns whether the session still counts; asking does not prolong it */
    isLive: async (event: H3Event): Promise<boolean> =>
      (await resolve(getCookie(event, sessionCookie), { isSeen: false })) !== null,
    /** @throws {NotSignedIn} */
    async require(event: H3Event): Promise<SignedIn> {
      const signedIn = await once(event)
      if (!signedIn) throw new NotSignedIn()
      return signedIn
    },
    /** Opens a session and sets the cookie. */
    async open(event: H3Event, user: { id: ObjectId; partnerId: ObjectId }): Promise<ObjectId> {
      const now = clock()
      const sessionId = new ObjectId()
      await rows.insert({
        _id: sessionId,
        user_id: user.id,
        partner_id: user.partnerId,
        created_at: now,
        last_seen_at: now,
        expires_at: new Date(now.getTime() + lifetimeSeconds * 1000),
        revoked_at: null,
        browser: browserName(getRequestHeader(event, 'user-agent')),
      })
      await rows.setUserSeen(user.id, now)
      const token = await tokens.sign({
        userId: user.id.toHexString(),
        sessionId: sessionId.toHexString(),
        partnerId: user.partnerId.toHexString(),
      })
      setCookie(event, sessionCookie, token, { ...attributes, maxAge: lifetimeSeconds })
      return sessionId
    },
    /** Ends the session on the server and takes the cookie back. */
    async close(event: H3Event, sessionId: ObjectId | null): Promise<void> {
      if (sessionId) await rows.revoke(sessionId, clock())
      deleteCookie(event, sessionCookie, attributes)
    },
    /** @returns the user's live sessions, the one seen last first */
    async list({ user, sessionId }: SignedIn): Promise<Session[]> {
      const now = clock()
      const sessions = await rows.live(user.id, {
        now,
        seenAfter: new Date(now.getTime() - idleLimitMs),
        limit: mostListed,
      })
      return sessions.map(session => ({
        id: session._id.toHexString(),
        signedInAt: session.created_at.toISOString(),
        lastSeenAt: session.last_seen_at.toISOString(),
        browser: session.browser ?? null,
        current: session._id.equals(sessionId),
      }))
    },
    /**
     * Ends one session of this user. It counts at the next request, in every process. @returns
     * whether there was such a live one
     */
    async closeOne(userId: ObjectId, sessionId: ObjectId): Promise<boolean> {
      return await rows.revokeLive(userId, sessionId, clock())
    },
    /** Ends every session of a user, or all but one. @returns how many there were */
    async closeAll(userId: ObjectId, except: ObjectId | null = null): Promise<number> {
      return await rows.revokeAll(userId, clock(), except)
    },
    /** The person has just proved again who they are. @returns when that was */
    async prove(sessionId: ObjectId): Promise<Date> {
      const now = clock()
      await rows.setProven(sessionId, now)
      return now
    },
    /** Removes sessions that expired before this. */
    prune: (before: Date) => rows.removeExpired(before),
  }
}
export type Sessions = ReturnType<typeof createSessions>
