import { ObjectId } from 'mongodb'
import type { NoticePreferences } from '#shared/contracts/notices'
import type { Role } from '#shared/contracts/account'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { UserDocument } from '../database/documents'
import { ValidationFailed } from '../errors'
import type { Metrics } from '../observability/metrics'
import { InvalidCredentials, TooManyAttempts } from './errors'
import { createKnownBrowsers } from './known-browsers'
import { assertPasswordLength, hashPassword, needsRehash, verifyPassword } from './passwords'
import { createAccountsRepository } from './repository'
import { sessionLifetimeSeconds } from './session-lifetime'
import { createSessions, type SignedIn } from './sessions'
import { addressKey, createLoginThrottle } from './throttle'
import { createSessionTokens } from './tokens'

export interface AccountsDeps {
  collections: Collections
  clock: Clock
  jwtSecret: Uint8Array
  formerJwtSecrets?: readonly Uint8Array[]
  secureCookies: boolean
  metrics: Metrics
}

/** Where a sign-in comes from */
export interface SignInOrigin {
  /** The client's network address */
  address: string
  /** The browser's id, when it is known by this account (`accounts.knownBrowsers`) */
  knownBrowser?: string | null
  /** Ends the waiting when the client has hung up */
  signal?: AbortSignal
}

/** Somebody whom a partner's notices may go to */
export interface NoticeRecipient {
  id: ObjectId
  email: string
  role: Role
  preferences: Partial<NoticePreferences>
}

export interface NewUser {
  partnerName: string
  email: string
  password: string
  role: Role
}

/** Partners, their users and their sessions. */
export function createAccounts({
  collections,
  clock,
  jwtSecret,
  formerJwtSecrets = [],
  secureCookies,
  metrics,
}: AccountsDeps) {
  const tokens = createSessionTokens({
    secret: jwtSecret,
    formerSecrets: formerJwtSecrets,
    clock,
    lifetimeSeconds: sessionLifetimeSeconds,
  })
  const sessions = createSessions({
    collections,
    tokens,
    clock,
    secure: secureCookies,
    lifetimeSeconds: sessionLifetimeSeconds,
  })
  const throttle = createLoginThrottle({ collections, clock })
  const knownBrowsers = createKnownBrowsers({
    secret: jwtSecret,
    formerSecrets: formerJwtSecrets,
    secure: secureCookies,
  })

  const accounts = createAccountsRepository(collections)

  /**
   * Every refusal is the same, in words and in time. Each attempt is counted, and may be refused,
   * before the password is looked at.
   * @throws {InvalidCredentials | TooManyAttempts}
   */
  async function checkPassword(
    emailGiven: string,
    password: string,
    { address, knownBrowser = null, signal }: SignInOrigin,
  ): Promise<UserDocument> {
    const email = emailGiven.trim().toLowerCase()
    const guess = { email, address, knownBrowser }
    const user = await accounts.userByEmail(email)
    const matches = await verifyPassword(
      password,
      user?.password_hash ?? null,
      {
        lane: knownBrowser ?? addressKey(address),
        account: email,
        isUrgent: knownBrowser !== null,
        signal,
      },
      () => throttle.take(guess),
    ).catch((error: unknown) => {
      if (error instanceof TooManyAttempts) metrics.loginAttempts.inc({ outcome: 'throttled' })
      throw error
    })
    if (!user || !matches || user.disabled) {
      metrics.loginAttempts.inc({ outcome: 'refused' })
      throw new InvalidCredentials()
    }
    metrics.loginAttempts.inc({ outcome: 'ok' })
    await throttle.recordSuccess(guess)
    return user
  }

  return {
    sessions,
    knownBrowsers,
    /**
     * Checks e-mail address and password. Every refusal is the same, in words and in time.
     * Each attempt is counted, and may be refused, before the password is looked at.
     * @throws {InvalidCredentials | TooManyAttempts}
     */
    async signIn(
      emailGiven: string,
      password: string,
      origin: SignInOrigin,
    ): Promise<{ id: ObjectId; partnerId: ObjectId }> {
      const user = await checkPassword(emailGiven, password, origin)
      if (user.password_hash !== null && needsRehash(user.password_hash))
        await accounts.replaceHash(user, await hashPassword(password))
      return { id: user._id, partnerId: user.partner_id }
    },
    /**
     * Somebody who is signed in, or a recovery code beside it, says the password again. Guesses count
     * as at the sign-in.
     * @throws {InvalidCredentials | TooManyAttempts}
     */
    async confirmPassword(email: string, password: string, origin: SignInOrigin): Promise<void> {
      await checkPassword(email, password, origin)
    },
    throttle,
    /**
     * Creates a user, and the partner where there is none of that name.
     * @throws {ValidationFailed} password too short or long, e-mail address taken
     */
    async createUser({
      partnerName,
      email,
      password,
      role,
    }: NewUser): Promise<{ partnerId: ObjectId; userId: ObjectId }> {
      assertPasswordLength(password)
      const password_hash = await hashPassword(password)
      const address = email.trim().toLowerCase()
      const taken = () => new ValidationFailed([{ path: 'email', message: 'is taken' }])
      if (await accounts.userByEmail(address)) throw taken()
      const partnerId = await accounts.ensurePartner(partnerName, clock())
      const userId = new ObjectId()
      const isStored = await accounts.insertUser({
        _id: userId,
        schema_version: 1,
        partner_id: partnerId,
        email: address,
        password_hash,
        role,
        disabled: false,
        created_at: clock(),
      })
      if (!isStored) throw taken()
      return { partnerId, userId }
    },
    switchDemo: accounts.switchDemo,
    /**
     * @returns the user and their partner
     * @throws {InvalidCredentials} either is gone, or the user is disabled
     */
    async account(
      userId: ObjectId,
    ): Promise<
      Pick<SignedIn, 'user' | 'partner' | 'mustAddPasskey'> & { lastSeenAt: Date | null }
    > {
      const user = await accounts.user(userId)
      const partner = user && (await accounts.partner(user.partner_id))
      if (!user || !partner || user.disabled) throw new InvalidCredentials()
      return {
        user: { id: user._id, email: user.email, role: user.role },
        partner: { id: partner._id, name: partner.name },
        mustAddPasskey: await sessions.mustAddPasskey(userId, partner),
        lastSeenAt: user.last_seen_at ?? null,
      }
    },
    /**
     * Removes sessions and sign-in counters that ran out a day ago. They count for nothing by then:
     * expiry is checked when they are read.
     */
    async prune(): Promise<void> {
      const before = new Date(clock().getTime() - 24 * 60 * 60 * 1000)
      await sessions.prune(before)
      await throttle.prune(before)
    },
    /** A partner's people who can sign in, with how they want to hear of notices. */
    async noticeRecipients(partnerId: ObjectId): Promise<NoticeRecipient[]> {
      const people = await accounts.withNoticePreferences(partnerId)
      return people
        .filter(({ disabled, invitation }) => !disabled && !invitation)
        .map(({ _id, email, role, notice_preferences = {} }) => ({
          id: _id,
          email,
          role,
          preferences: notice_preferences,
        }))
    },
  }
}
export type Accounts = ReturnType<typeof createAccounts>
