import { createHash, randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import type { SignedIn } from '../accounts/sessions'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { OauthAttemptDocument } from '../database/documents'
import { createAttemptsRepository } from './oauth-state-repository'
import { createStartLimit } from './start-limit'

/** An attempt counts for ten minutes, checked in each query. */
export const attemptLifetimeMs = 10 * 60 * 1000
/** Tabs that may be under way at once in one session; an eleventh takes the place of the oldest. */
const maxLivePerSession = 10
/** Attempts are of no use once expired; they are kept a day for whoever looks into one. */
const keptMs = 24 * 60 * 60 * 1000

/** 256 random bits in base64url */
const secretShape = /^[\w-]{43}$/
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export type Attempt = OauthAttemptDocument

export interface NewAttempt {
  signedIn: SignedIn
  purpose: Attempt['purpose']
  returnUrl: string | null
  confirmPortalChange: boolean
  /** What is synced is chosen before anything is read */
  chooseScope: boolean
}

export interface StartedAttempt {
  state: string
  expiresAt: Date
  /** The browser's half: set as an HttpOnly cookie, different from the state */
  browser: { id: string; secret: string; maxAgeSeconds: number }
}

export type Claim =
  /** The one use of this state */
  | { kind: 'claimed'; attempt: Attempt }
  /** A reload, a double click: the same browser session brings the same code again */
  | { kind: 'repeated'; attempt: Attempt }
  | { kind: 'refused' }

/**
 * Names the cookie of an attempt, so that each tab has its own and the callback finds it by the
 * state alone.
 * @returns 16 hexadecimal characters, or `null` for what cannot be a state of ours
 */
export function browserIdOf(state: unknown): string | null {
  return typeof state === 'string' && secretShape.test(state) ? sha256(state).slice(0, 16) : null
}

/**
 * Attempts to connect: single-use states, bound to partner, user, session and browser
 * (docs/security-checklist.md#a1 to #a8, #a20). A state that another browser or session brings is
 * burnt: whoever has it should not.
 * Promise P2: a callback counts once, in its own browser session.
 */
export function createAttempts({ collections, clock }: { collections: Collections; clock: Clock }) {
  const attempts = createAttemptsRepository(collections)
  const limit = createStartLimit({ attempts, clock })

  return {
    /**
     * Mints a state. Only hashes are stored. @throws {TooManyAttempts} more often than ten times a
     * minute by one person
     */
    async start({
      signedIn,
      purpose,
      returnUrl,
      confirmPortalChange,
      chooseScope,
    }: NewAttempt): Promise<StartedAttempt> {
      await limit.take(signedIn.user.id)
      const now = clock()
      const state = randomBytes(32).toString('base64url')
      const secret = randomBytes(32).toString('base64url')
      const expiresAt = new Date(now.getTime() + attemptLifetimeMs)
      await attempts.insert({
        _id: new ObjectId(),
        state_hash: sha256(state),
        browser_hash: sha256(secret),
        partner_id: signedIn.partner.id,
        user_id: signedIn.user.id,
        session_id: signedIn.sessionId,
        provider: 'hubspot',
        purpose,
        return_url: returnUrl,
        confirm_portal_change: confirmPortalChange,
        choose_scope: chooseScope,
        created_at: now,
        expires_at: expiresAt,
        used_at: null,
        code_hash: null,
        outcome: null,
      })
      await attempts.dropOldest(signedIn.sessionId, { now, kept: maxLivePerSession })
      return {
        state,
        expiresAt,
        browser: {
          id: sha256(state).slice(0, 16),
          secret,
          maxAgeSeconds: attemptLifetimeMs / 1000,
        },
      }
    },

    /**
     * Uses a state up, in one write, before anything is asked of HubSpot.
     * @param browserSecret value of the attempt's cookie
     * @param code what HubSpot sent; `null` when it sent an error, which uses the state up as well
     */
    async claim({
      state,
      code,
      signedIn,
      browserSecret,
      purpose,
    }: {
      state: unknown
      code: string | null
      signedIn: SignedIn | null
      browserSecret: string | undefined
      purpose?: Attempt['purpose']
    }): Promise<Claim> {
      if (typeof state !== 'string' || !secretShape.test(state)) return { kind: 'refused' }
      const now = clock()
      const state_hash = sha256(state)
      const code_hash = code === null ? null : sha256(code)
      if (signedIn && browserSecret !== undefined && secretShape.test(browserSecret)) {
        const attempt = await attempts.use(
          {
            state_hash,
            browser_hash: sha256(browserSecret),
            session_id: signedIn.sessionId,
            user_id: signedIn.user.id,
            partner_id: signedIn.partner.id,
            ...(purpose ? { purpose } : {}),
          },
          { now, codeHash: code_hash },
        )
        if (attempt) return { kind: 'claimed', attempt }
      }
      const known = await attempts.burn(state_hash, now)
      const repeated =
        known &&
        known.used_at !== null &&
        known.expires_at > now &&
        code_hash !== null &&
        known.code_hash === code_hash &&
        signedIn &&
        known.session_id.equals(signedIn.sessionId) &&
        known.user_id.equals(signedIn.user.id)
      return repeated ? { kind: 'repeated', attempt: known } : { kind: 'refused' }
    },

    /** @returns whether somebody of this partner is on HubSpot's page to connect */
    async isOpen(partnerId: ObjectId): Promise<boolean> {
      return await attempts.isOpen(partnerId, clock())
    },

    /** Notes what the callback answered. */
    async finish(attemptId: ObjectId, outcome: string): Promise<void> {
      await attempts.setOutcome(attemptId, outcome)
    },

    async find(attemptId: ObjectId): Promise<Attempt | null> {
      return await attempts.find(attemptId)
    },

    /** What was begun before a disconnect must not connect again after it. */
    async voidOpen(partnerId: ObjectId): Promise<void> {
      await attempts.voidOpen(partnerId, clock())
    },

    async removeOld(): Promise<void> {
      await attempts.removeExpired(new Date(clock().getTime() - keptMs))
      await limit.removeOld()
    },
  }
}
export type Attempts = ReturnType<typeof createAttempts>
