import { ObjectId } from 'mongodb'
import type { z } from 'zod'
import type {
  Invitation,
  InvitationBody,
  ResetLink,
  User,
  UserList,
  UserPatch,
  UsersQuery,
} from '#shared/contracts/people'
import type { Clock } from '../../config/clock'
import type { Actor, AuditLog } from '../../database/audit'
import type { Cursors } from '../../database/cursor'
import type { SecretLinkDocument, UserDocument } from '../../database/documents'
import { isDuplicateKey } from '../../database/duplicate-key'
import { DomainError, NotFound, ValidationFailed } from '../../errors'
import type { PasskeysRepository } from '../passkeys/repository'
import type { Sessions } from '../sessions'
import { digestOf } from '../digest'
import { LastAdmin } from './errors'
import type { PersonalMail } from './mail'
import type { PeopleRepository, Person } from './repository'
import { invitationLifetimeMs, linkTo, newLinkToken, resetLifetimeMs } from './link-token'

export interface PeopleDeps {
  repository: PeopleRepository
  passkeys: Pick<PasskeysRepository, 'counts' | 'removeAll'>
  sessions: Pick<Sessions, 'closeAll'>
  clock: Clock
  audit: AuditLog
  cursors: Cursors
  mail: PersonalMail
  /** Scheme and host of the app, for links */
  origin: string
}

/** An admin who changes something, and for which partner. */
export interface AdminRequest {
  partner: { id: ObjectId; name: string }
  actor: Actor
}

/** How often a change of admins waits for another one that is under way, and how long each time */
const leaseTries = { count: 20, waitMs: 50 }

/** What a partner's admins do about its people: invite, change, remove. */
export function createPeople({
  repository,
  passkeys,
  sessions,
  clock,
  audit,
  cursors,
  mail,
  origin,
}: PeopleDeps) {
  async function present(people: Person[]): Promise<User[]> {
    const counts = await passkeys.counts(people.map(({ user }) => user._id))
    return people.map(({ user, lastSeenAt }) => ({
      id: user._id.toHexString(),
      email: user.email,
      role: user.role,
      disabled: user.disabled,
      lastSeenAt: lastSeenAt?.toISOString() ?? null,
      passkeys: counts.get(user._id.toHexString()) ?? 0,
      invitedAt: user.invited_at?.toISOString() ?? null,
      invitedUntil: user.invitation?.expires_at.toISOString() ?? null,
    }))
  }

  async function presentOne(user: UserDocument): Promise<User> {
    const [only] = await present(await repository.withLastSeen([user]))
    if (!only) throw new NotFound('This person')
    return only
  }

  async function existing(partnerId: ObjectId, id: string): Promise<UserDocument> {
    const user = await repository.find(partnerId, new ObjectId(id))
    if (!user) throw new NotFound('This person')
    return user
  }

  /**
   * Two admins who demote each other at the same moment must not both succeed: one change at a time.
   */
  async function oneAtATime<T>(partnerId: ObjectId, work: () => Promise<T>): Promise<T> {
    for (let tries = 0; tries < leaseTries.count; tries++) {
      const lease = await repository.takeLease(partnerId)
      if (lease) {
        try {
          return await work()
        } finally {
          await repository.giveLeaseBack(partnerId, lease)
        }
      }
      await new Promise(resolve => setTimeout(resolve, leaseTries.waitMs))
    }
    throw new DomainError(
      'too_many_attempts',
      "Somebody else is changing your organisation's people. Try again in a moment.",
      { retryAfterSeconds: 2 },
    )
  }

  async function assertNotLastAdmin(partnerId: ObjectId, user: UserDocument): Promise<void> {
    const counts = user.role === 'admin' && !user.disabled && !user.invitation
    if (counts && (await repository.otherAdmins(partnerId, user._id)) === 0) throw new LastAdmin()
  }

  function newLink(lifetimeMs: number): { token: string; stored: SecretLinkDocument } {
    const token = newLinkToken()
    const expires_at = new Date(clock().getTime() + lifetimeMs)
    return { token, stored: { token_hash: digestOf(token), expires_at } }
  }

  return {
    async list(
      partnerId: ObjectId,
      { limit, cursor }: z.output<typeof UsersQuery>,
    ): Promise<UserList> {
      const scope = { partnerId, list: 'users', query: {} }
      const after = cursor === undefined ? null : cursors.decode(scope, cursor).id
      const [found, total] = await Promise.all([
        repository.page(partnerId, after, limit),
        repository.count(partnerId),
      ])
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      return {
        items: await present(shown),
        nextCursor:
          last && found.length > limit ? cursors.encode(scope, { id: last.user._id }) : null,
        total,
      }
    },

    /**
     * Invites somebody, or the same person again: the link before counts no more.
     * @throws {ValidationFailed} the address has an account
     */
    async invite(
      { partner, actor }: AdminRequest,
      { email, role }: InvitationBody,
    ): Promise<Invitation> {
      const { token, stored } = newLink(invitationLifetimeMs)
      const now = clock()
      const taken = new ValidationFailed([{ path: 'email', message: 'has an account already' }])
      const before = await repository.byEmail(email)
      let id = new ObjectId()
      if (before) {
        if (!before.partner_id.equals(partner.id) || !before.invitation) throw taken
        id = before._id
        if (!(await repository.inviteAgain(id, { role, invitation: stored, at: now }))) throw taken
      } else {
        try {
          await repository.insert({
            _id: id,
            schema_version: 1,
            partner_id: partner.id,
            email,
            password_hash: null,
            role,
            disabled: false,
            created_at: now,
            invited_at: now,
            invitation: stored,
          })
        } catch (error) {
          if (isDuplicateKey(error)) throw taken
          throw error
        }
      }
      await audit.record({
        partnerId: partner.id,
        actor,
        action: 'user.invited',
        target: id.toHexString(),
        details: { role },
      })
      const link = linkTo(origin, 'invitation', token)
      const sent = await mail.invitation({
        to: email,
        partnerName: partner.name,
        by: actor.email ?? '',
        link,
      })
      return {
        id: id.toHexString(),
        email,
        role,
        expiresAt: stored.expires_at.toISOString(),
        link: sent ? null : link,
      }
    },

    /**
     * Changes role or access. Who is disabled is signed out everywhere.
     * @throws {NotFound | LastAdmin}
     */
    async change({ partner, actor }: AdminRequest, id: string, patch: UserPatch): Promise<User> {
      const changed = await oneAtATime(partner.id, async () => {
        const user = await existing(partner.id, id)
        const { role = user.role, disabled = user.disabled } = patch
        if (role !== 'admin' || disabled) await assertNotLastAdmin(partner.id, user)
        const after = await repository.change(partner.id, user._id, { role, disabled })
        if (!after) throw new NotFound('This person')
        return after
      })
      if (changed.disabled) await sessions.closeAll(changed._id)
      await audit.record({
        partnerId: partner.id,
        actor,
        action: 'user.changed',
        target: id,
        details: { ...patch },
      })
      return await presentOne(changed)
    },

    /**
     * Removes somebody with their sessions and passkeys. What they did stays in the histories.
     * @throws {NotFound | LastAdmin}
     */
    async remove({ partner, actor }: AdminRequest, id: string): Promise<void> {
      const user = await oneAtATime(partner.id, async () => {
        const found = await existing(partner.id, id)
        await assertNotLastAdmin(partner.id, found)
        await repository.remove(partner.id, found._id)
        return found
      })
      await Promise.all([sessions.closeAll(user._id), passkeys.removeAll(user._id)])
      await audit.record({
        partnerId: partner.id,
        actor,
        action: 'user.removed',
        target: id,
        details: { email: user.email, role: user.role },
      })
    },

    /** Signs somebody out everywhere. @returns how many sessions there were */
    async endSessions({ partner, actor }: AdminRequest, id: string): Promise<number> {
      const user = await existing(partner.id, id)
      const ended = await sessions.closeAll(user._id)
      await audit.record({
        partnerId: partner.id,
        actor,
        action: 'user.sessions_ended',
        target: id,
        details: { sessions: ended },
      })
      return ended
    },

    /**
     * Lets somebody set a new password by a link.
     * @throws {NotFound} no such person, or their invitation still waits
     */
    async sendReset({ partner, actor }: AdminRequest, id: string): Promise<ResetLink> {
      const user = await existing(partner.id, id)
      if (user.invitation || user.disabled) throw new NotFound('This person')
      const { token, stored } = newLink(resetLifetimeMs)
      await repository.setReset(user._id, stored)
      await audit.record({
        partnerId: partner.id,
        actor,
        action: 'user.reset_sent',
        target: id,
      })
      const link = linkTo(origin, 'reset', token)
      const sent = await mail.passwordReset({ to: user.email, link })
      return { expiresAt: stored.expires_at.toISOString(), link: sent ? null : link }
    },
  }
}
export type People = ReturnType<typeof createPeople>
