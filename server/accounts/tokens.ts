import { SignJWT, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Clock } from '../config/clock'

const issuer = 'partner-connector'
const audience = 'partner-connector'
const purpose = 'session+jwt'

/** A signature that was right is not checked again for so long, ms. The session is, each time */
const rememberedMs = 60_000
const mostRemembered = 5000

const hexId = z.string().regex(/^[0-9a-f]{24}$/)
const Claims = z.object({ sub: hexId, sid: hexId, tid: hexId, iat: z.int(), exp: z.int() })

/**
 * What a session token says: who, which session, which partner. Roles are read from the database at
 * each request.
 */
export interface SessionClaims {
  userId: string
  sessionId: string
  partnerId: string
}

export interface SessionTokensDeps {
  /** Signs; at least 32 bytes */
  secret: Uint8Array
  /** Tokens of these are still accepted, while the secret is changed */
  formerSecrets: readonly Uint8Array[]
  clock: Clock
  /** Seconds that a token may live */
  lifetimeSeconds: number
}

/**
 * Signs and checks the JWT of the cookie `access_token`: HS256 only, with issuer, audience, type
 * and every claim required.
 */
export function createSessionTokens({
  secret,
  formerSecrets,
  clock,
  lifetimeSeconds,
}: SessionTokensDeps) {
  const options = () => ({
    algorithms: ['HS256'],
    issuer,
    audience,
    typ: purpose,
    clockTolerance: 5,
    currentDate: clock(),
    requiredClaims: ['sub', 'sid', 'tid', 'iat', 'nbf', 'exp'],
    maxTokenAge: lifetimeSeconds,
  })

  /** Checks against one secret after the other. @throws {errors.JOSEError} when none fits */
  async function verified(token: string) {
    for (const key of [secret, ...formerSecrets]) {
      try {
        return await jwtVerify(token, key, options())
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
      }
    }
    throw new errors.JWSSignatureVerificationFailed()
  }

  /** Claims of tokens whose signature was checked a moment ago: it costs more than the rest */
  const checked = new Map<string, { claims: SessionClaims; from: number; until: number }>()

  function remember(token: string, claims: SessionClaims, expiresAtMs: number): void {
    const from = clock().getTime()
    if (checked.size >= mostRemembered) checked.clear()
    checked.set(token, { claims, from, until: Math.min(from + rememberedMs, expiresAtMs) })
  }

  /** @returns the claims of a token that was checked a moment ago and is in time still */
  function remembered(token: string): SessionClaims | null {
    const known = checked.get(token)
    const now = clock().getTime()
    if (known && now >= known.from && now < known.until) return known.claims
    checked.delete(token)
    return null
  }

  return {
    async sign(claims: SessionClaims): Promise<string> {
      const now = Math.floor(clock().getTime() / 1000)
      return await new SignJWT({ sid: claims.sessionId, tid: claims.partnerId })
        .setProtectedHeader({ alg: 'HS256', typ: purpose })
        .setSubject(claims.userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(secret)
    },
    /** @returns the claims, or `null` for anything that is not a token of ours, in time */
    async verify(token: string): Promise<SessionClaims | null> {
      const known = remembered(token)
      if (known) return known
      // A JWT has one spelling: base64url has none for padding or for stray bits, so neither is
      // taken.
      if (token.length > 2048 || !/^[\w-]+\.[\w-]+\.[\w-]{43}$/.test(token)) return null
      const signature = token.slice(token.lastIndexOf('.') + 1)
      if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return null
      try {
        const { payload, protectedHeader } = await verified(token)
        if (Object.keys(protectedHeader).some(name => name !== 'alg' && name !== 'typ')) return null
        const claims = Claims.safeParse(payload)
        if (!claims.success || typeof payload.aud !== 'string') return null
        // Nothing of ours lives longer than this, whatever it says.
        if (claims.data.exp - claims.data.iat > lifetimeSeconds) return null
        const { sub, sid, tid, exp } = claims.data
        const found = { userId: sub, sessionId: sid, partnerId: tid }
        remember(token, found, exp * 1000)
        return found
      } catch (error) {
        if (
          error instanceof errors.JOSEError ||
          error instanceof TypeError ||
          error instanceof SyntaxError
        )
          return null
        throw error
      }
    },
  }
}
export type SessionTokens = ReturnType<typeof createSessionTokens>
