import { ObjectId, type Collection } from 'mongodb'
import { createSessionTokens } from '../../server/accounts/tokens'
import { systemClock, type Clock } from '../../server/config/clock'
import type { SessionDocument } from '../../server/database/documents/index'

const hourMs = 60 * 60 * 1000
const lifetimeSeconds = 24 * 60 * 60

export interface SessionOwner {
  id: ObjectId
  partnerId: ObjectId
}

export interface SessionState {
  /** Hours since the sign-in */
  ageHours?: number
  /** Hours since it was seen last */
  idleHours?: number
  revoked?: boolean
  /** What the token says of its partner, where that is not the user's own */
  tokenPartnerId?: ObjectId
}

/**
 * Opens sessions as a sign-in does, without the cost of a password hash, and in states that a
 * sign-in cannot make.
 */
export function createSessionCookies({
  sessions,
  jwtSecret,
  clock = systemClock,
}: {
  sessions: Collection<SessionDocument>
  jwtSecret: string
  clock?: Clock
}) {
  const secret = new TextEncoder().encode(jwtSecret)
  return {
    /** @returns the pair of the Cookie header, and the session's id */
    async open(
      user: SessionOwner,
      {
        ageHours = 0,
        idleHours = 0,
        revoked = false,
        tokenPartnerId = user.partnerId,
      }: SessionState = {},
    ): Promise<{ cookie: string; id: string }> {
      const now = clock().getTime()
      const signedInAt = new Date(now - ageHours * hourMs)
      const _id = new ObjectId()
      await sessions.insertOne({
        _id,
        user_id: user.id,
        partner_id: user.partnerId,
        created_at: signedInAt,
        last_seen_at: new Date(now - idleHours * hourMs),
        expires_at: new Date(signedInAt.getTime() + lifetimeSeconds * 1000),
        revoked_at: revoked ? new Date(now) : null,
        browser: null,
      })
      const tokens = createSessionTokens({
        secret,
        formerSecrets: [],
        clock: () => signedInAt,
        lifetimeSeconds,
      })
      const token = await tokens.sign({
        userId: user.id.toHexString(),
        sessionId: _id.toHexString(),
        partnerId: tokenPartnerId.toHexString(),
      })
      return { cookie: `access_token=${token}`, id: _id.toHexString() }
    },
  }
}
export type SessionCookies = ReturnType<typeof createSessionCookies>
