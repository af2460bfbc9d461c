import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Actor, AuditLog } from '../../database/audit'
import type { UserDocument } from '../../database/documents'
import { InvalidCredentials, NotSignedIn } from '../errors'
import type { SignInOrigin } from '../index'
import { hashPassword } from '../passwords'
import type { Sessions, SignedIn } from '../sessions'
import { originOfSession } from '../step-up'
import { LinkInvalid } from './errors'
import type { PersonalMail } from './mail'
import { assertGoodPassword } from './password-rules'
import type { PeopleRepository } from './repository'
import { digestOf } from '../digest'
import { linkTo, newLinkToken, resetLifetimeMs } from './link-token'

/** A request for a reset link right after another one sends no second e-mail. */
const leastTimeBetweenResetsMs = 60 * 1000

export interface OwnPasswordDeps {
  repository: PeopleRepository
  sessions: Pick<Sessions, 'closeAll'>
  clock: Clock
  audit: AuditLog
  mail: PersonalMail
  origin: string
  /** @throws {InvalidCredentials | TooManyAttempts} it is not this person's password */
  confirmPassword(email: string, password: string, origin: SignInOrigin): Promise<void>
}

/** What people do about their own password: change, reset, and take up an invitation. */
export function createOwnPassword(deps: OwnPasswordDeps) {
  const { repository, sessions, clock, audit, mail, origin } = deps

  async function assertGood(password: string, user: UserDocument): Promise<void> {
    const partnerName = await repository.partnerName(user.partner_id)
    await assertGoodPassword(password, { email: user.email, partnerName })
  }

  const actorOf = (user: UserDocument, from: Actor['from']): Actor => ({
    kind: 'user',
    user_id: user._id,
    email: user.email,
    from,
  })

  return {
    /**
     * Sets another password. The person's other sessions end.
     * @throws {InvalidCredentials | TooManyAttempts | WeakPassword}
     */
    async change(
      signedIn: SignedIn,
      { current, next }: { current: string; next: string },
      actor: Actor,
    ): Promise<void> {
      const user = await repository.byId(signedIn.user.id)
      if (!user) throw new NotSignedIn()
      await deps.confirmPassword(user.email, current, originOfSession(signedIn))
      await assertGood(next, user)
      const stored = await repository.setPassword(
        user._id,
        await hashPassword(next),
        user.password_hash,
      )
      // Changed meanwhile, elsewhere: what was confirmed is no password any more.
      if (!stored) throw new InvalidCredentials()
      await sessions.closeAll(user._id, signedIn.sessionId)
      await audit.record({ partnerId: user.partner_id, actor, action: 'password.changed' })
    },

    /**
     * Sends a link where the address has an account, and nothing elsewhere. The caller answers
     * before it ends: neither words nor time tell which it was.
     */
    async requestReset(emailGiven: string, from: Actor['from']): Promise<void> {
      const user = await repository.byEmail(emailGiven.trim().toLowerCase())
      if (!user || user.disabled || user.invitation) return
      const now = clock().getTime()
      const last = user.password_reset?.expires_at.getTime()
      if (last !== undefined && last - resetLifetimeMs + leastTimeBetweenResetsMs > now) return
      const token = newLinkToken()
      await repository.setReset(user._id, {
        token_hash: digestOf(token),
        expires_at: new Date(now + resetLifetimeMs),
      })
      await audit.record({
        partnerId: user.partner_id,
        actor: actorOf(user, from),
        action: 'password.reset_requested',
      })
      await mail.passwordReset({ to: user.email, link: linkTo(origin, 'reset', token) })
    },

    /**
     * Sets a new password by a link, once. Every session of the person ends.
     * @throws {LinkInvalid | WeakPassword}
     */
    async reset(token: string, password: string, from: Actor['from']): Promise<void> {
      const hash = digestOf(token)
      const user = await repository.byReset(hash, clock())
      if (!user) throw new LinkInvalid()
      await assertGood(password, user)
      if (!(await repository.resetPassword(user._id, hash, await hashPassword(password))))
        throw new LinkInvalid()
      await sessions.closeAll(user._id)
      await audit.record({
        partnerId: user.partner_id,
        actor: actorOf(user, from),
        action: 'password.reset',
      })
    },

    /**
     * Takes an invitation up, once.
     * @param password absent: the person registers a passkey next
     * @returns who may be signed in now
     * @throws {LinkInvalid | WeakPassword}
     */
    async acceptInvitation(
      token: string,
      password: string | undefined,
      from: Actor['from'],
    ): Promise<{ id: ObjectId; partnerId: ObjectId }> {
      const hash = digestOf(token)
      const user = await repository.byInvitation(hash, clock())
      if (!user) throw new LinkInvalid()
      if (password !== undefined) await assertGood(password, user)
      const stored = password === undefined ? null : await hashPassword(password)
      if (!(await repository.takeUp(user._id, hash, stored))) throw new LinkInvalid()
      await audit.record({
        partnerId: user.partner_id,
        actor: actorOf(user, from),
        action: 'invitation.accepted',
      })
      return { id: user._id, partnerId: user.partner_id }
    },
  }
}
export type OwnPassword = ReturnType<typeof createOwnPassword>
