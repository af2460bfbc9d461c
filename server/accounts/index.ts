import { ObjectId } from 'mongodb'
import type { Role } from '#shared/contracts/account'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import { isDuplicateKey } from '../database/duplicate-key'
import { DomainError, ValidationFailed } from '../errors'
import type { Metrics } from '../observability/metrics'
import { InvalidCredentials } from './errors'
import {
  hashPassword,
  maxPasswordLength,
  minPasswordLength,
  needsRehash,
  verifyPassword,
} from './passwords'
import { createSessions, type SignedIn } from './sessions'
import { createLoginThrottle } from './throttle'
import { createSessionTokens } from './tokens'

const sessionLifetimeSeconds = 24 * 60 * 60

export interface AccountsDeps {
  collections: Collections
  clock: Clock
  jwtSecret: Uint8Array
  formerJwtSecrets?: readonly Uint8Array[]
  secureCookies: boolean
  metrics: Metrics
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

  async function ensurePartner(name: string): Promise<ObjectId> {
    try {
      const partner = await collections.partners.findOneAndUpdate(
        { name },
        {
          $setOnInsert: {
            _id: new ObjectId(),
            schema_version: 1,
            created_at: clock(),
            hubspot_integration: null,
          },
        },
        { upsert: true, returnDocument: 'after' },
      )
      if (!partner) throw new DomainError('internal_error', 'The partner could not be stored.')
      return partner._id
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      const partner = await collections.partners.findOne({ name })
      if (!partner) throw error
      return partner._id
    }
  }

  return {
    sessions,
    /**
     * Checks e-mail address and password. Every refusal is the same, in words and in time.
     * @param address the client's network address, for the throttle
     * @throws {InvalidCredentials | TooManyAttempts}
     */
    async signIn(
      emailGiven: string,
      password: string,
      address: string,
    ): Promise<{ id: ObjectId; partnerId: ObjectId }> {
      const email = emailGiven.trim().toLowerCase()
      await throttle.assertAllowed(email, address)
      const user = await collections.users.findOne({ email })
      const matches = await verifyPassword(password, user?.password_hash ?? null)
      if (!user || !matches || user.disabled) {
        metrics.loginAttempts.inc({ outcome: 'refused' })
        await throttle.recordFailure(email, address)
        throw new InvalidCredentials()
      }
      metrics.loginAttempts.inc({ outcome: 'ok' })
      await throttle.recordSuccess(email, address)
      if (needsRehash(user.password_hash)) {
        await collections.users.updateOne(
          { _id: user._id, password_hash: user.password_hash },
          { $set: { password_hash: await hashPassword(password) } },
        )
      }
      return { id: user._id, partnerId: user.partner_id }
    },
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
      if (password.length < minPasswordLength || password.length > maxPasswordLength) {
        throw new ValidationFailed([
          {
            path: 'password',
            message: `must have ${minPasswordLength} to ${maxPasswordLength} characters`,
          },
        ])
      }
      const password_hash = await hashPassword(password)
      const address = email.trim().toLowerCase()
      if (await collections.users.findOne({ email: address }, { projection: { _id: 1 } }))
        throw new ValidationFailed([{ path: 'email', message: 'is taken' }])
      const partnerId = await ensurePartner(partnerName)
      const userId = new ObjectId()
      try {
        await collections.users.insertOne({
          _id: userId,
          schema_version: 1,
          partner_id: partnerId,
          email: address,
          password_hash,
          role,
          disabled: false,
          created_at: clock(),
        })
      } catch (error) {
        if (isDuplicateKey(error))
          throw new ValidationFailed([{ path: 'email', message: 'is taken' }])
        throw error
      }
      return { partnerId, userId }
    },
    /**
     * @returns the user and their partner
     * @throws {InvalidCredentials} either is gone
     */
    async account(userId: ObjectId): Promise<Pick<SignedIn, 'user' | 'partner'>> {
      const user = await collections.users.findOne({ _id: userId })
      const partner =
        user &&
        (await collections.partners.findOne({ _id: user.partner_id }, { projection: { name: 1 } }))
      if (!user || !partner) throw new InvalidCredentials()
      return {
        user: { id: user._id, email: user.email, role: user.role },
        partner: { id: partner._id, name: partner.name },
      }
    },
    /**
     * Removes sessions and sign-in counters that ran out a day ago. They count for nothing by then:
     * expiry is checked when they are read.
     */
    async prune(): Promise<void> {
      const before = new Date(clock().getTime() - 24 * 60 * 60 * 1000)
      await collections.sessions.deleteMany({ expires_at: { $lt: before } })
      await collections.loginAttempts.deleteMany({
        window_until: { $lt: before },
        $or: [{ blocked_until: null }, { blocked_until: { $lt: before } }],
      })
    },
    /** E-mail addresses of a partner's admins: who alerts go to. */
    async adminEmails(partnerId: ObjectId): Promise<string[]> {
      const admins = await collections.users
        .find({ partner_id: partnerId, role: 'admin' }, { projection: { email: 1, disabled: 1 } })
        .toArray()
      return admins.filter(admin => !admin.disabled).map(admin => admin.email)
    },
  }
}
export type Accounts = ReturnType<typeof createAccounts>
