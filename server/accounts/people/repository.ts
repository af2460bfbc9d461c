import { randomUUID } from 'node:crypto'
import type { ObjectId } from 'mongodb'
import type { Role } from '#shared/contracts/account'
import type { Collections } from '../../database/collections'
import type { SecretLinkDocument, UserDocument } from '../../database/documents'
import { leaseAt, type LeaseHolder } from '../../database/lease'

/** Longer than the few reads and writes under it */
const leaseMs = 10_000

/** A user with what other collections know of them. */
export interface Person {
  user: UserDocument
  lastSeenAt: Date | null
}

export type PeopleCollections = Pick<Collections, 'users' | 'partners' | 'sessions'>

/** Every MongoDB operator on a partner's users. */
export function createPeopleRepository({ users, partners, sessions }: PeopleCollections) {
  const lease = leaseAt('people_lease', leaseMs)

  return {
    /** Users in the order of their ids, after one of them, and one more than asked for. */
    async page(partnerId: ObjectId, after: ObjectId | null, limit: number): Promise<Person[]> {
      const found = await users
        .find({ partner_id: partnerId, ...(after ? { _id: { $gt: after } } : {}) })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      return await this.withLastSeen(found)
    },

    async withLastSeen(found: UserDocument[]): Promise<Person[]> {
      const seen = await sessions
        .aggregate<{
          _id: ObjectId
          at: Date
        }>([
          { $match: { user_id: { $in: found.map(user => user._id) } } },
          { $group: { _id: '$user_id', at: { $max: '$last_seen_at' } } },
        ])
        .toArray()
      const seenAt = new Map(seen.map(({ _id, at }) => [_id.toHexString(), at]))
      return found.map(user => ({
        user,
        lastSeenAt: latest(seenAt.get(user._id.toHexString()), user.last_seen_at),
      }))
    },

    count: (partnerId: ObjectId): Promise<number> =>
      users.countDocuments({ partner_id: partnerId }),

    find: (partnerId: ObjectId, userId: ObjectId): Promise<UserDocument | null> =>
      users.findOne({ _id: userId, partner_id: partnerId }),

    byId: (userId: ObjectId): Promise<UserDocument | null> => users.findOne({ _id: userId }),

    byEmail: (email: string): Promise<UserDocument | null> => users.findOne({ email }),

    byInvitation: (hash: string, now: Date): Promise<UserDocument | null> =>
      users.findOne({
        'invitation.token_hash': hash,
        'invitation.expires_at': { $gt: now },
        disabled: false,
      }),

    byReset: (hash: string, now: Date): Promise<UserDocument | null> =>
      users.findOne({
        'password_reset.token_hash': hash,
        'password_reset.expires_at': { $gt: now },
        disabled: false,
      }),

    async insert(user: UserDocument): Promise<void> {
      await users.insertOne(user)
    },

    /** Another link, role and time for an invitation that waits. @returns whether it waits */
    async inviteAgain(
      userId: ObjectId,
      { role, invitation, at }: { role: Role; invitation: SecretLinkDocument; at: Date },
    ): Promise<boolean> {
      const { matchedCount } = await users.updateOne(
        { _id: userId, invitation: { $type: 'object' } },
        { $set: { role, invitation, invited_at: at, disabled: false } },
      )
      return matchedCount === 1
    },

    /** Takes an invitation up. @returns whether it still stood: it counts once */
    async takeUp(userId: ObjectId, hash: string, passwordHash: string | null): Promise<boolean> {
      const { modifiedCount } = await users.updateOne(
        { _id: userId, 'invitation.token_hash': hash, disabled: false },
        { $set: { invitation: null, password_hash: passwordHash } },
      )
      return modifiedCount === 1
    },

    async setReset(userId: ObjectId, reset: SecretLinkDocument): Promise<void> {
      await users.updateOne({ _id: userId }, { $set: { password_reset: reset } })
    },

    /** Uses a reset link up. @returns whether it still stood: it counts once */
    async resetPassword(userId: ObjectId, hash: string, passwordHash: string): Promise<boolean> {
      const { modifiedCount } = await users.updateOne(
        { _id: userId, 'password_reset.token_hash': hash, disabled: false },
        { $set: { password_reset: null, password_hash: passwordHash } },
      )
      return modifiedCount === 1
    },

    /** @param former what the new one takes the place of; `undefined`: whatever there is */
    async setPassword(
      userId: ObjectId,
      passwordHash: string,
      former?: string | null,
    ): Promise<boolean> {
      const { matchedCount } = await users.updateOne(
        { _id: userId, ...(former === undefined ? {} : { password_hash: former }) },
        { $set: { password_hash: passwordHash, password_reset: null } },
      )
      return matchedCount === 1
    },

    /** A password and nothing else: no invitation and no link waits any more. */
    async letBackIn(userId: ObjectId, passwordHash: string): Promise<void> {
      await users.updateOne(
        { _id: userId },
        { $set: { password_hash: passwordHash, password_reset: null, invitation: null } },
      )
    },

    async change(
      partnerId: ObjectId,
      userId: ObjectId,
      change: Partial<Pick<UserDocument, 'role' | 'disabled'>>,
    ): Promise<UserDocument | null> {
      return await users.findOneAndUpdate(
        { _id: userId, partner_id: partnerId },
        { $set: change },
        { returnDocument: 'after' },
      )
    },

    async remove(partnerId: ObjectId, userId: ObjectId): Promise<boolean> {
      const { deletedCount } = await users.deleteOne({ _id: userId, partner_id: partnerId })
      return deletedCount === 1
    },

    /** Admins who can sign in, apart from one person. */
    otherAdmins: (partnerId: ObjectId, userId: ObjectId): Promise<number> =>
      users.countDocuments({
        partner_id: partnerId,
        role: 'admin',
        disabled: false,
        invitation: null,
        _id: { $ne: userId },
      }),

    async partnerName(partnerId: ObjectId): Promise<string> {
      const partner = await partners.findOne({ _id: partnerId }, { projection: { name: 1 } })
      return partner?.name ?? ''
    },

    async passkeysRequired(partnerId: ObjectId): Promise<boolean> {
      const partner = await partners.findOne(
        { _id: partnerId },
        { projection: { passkeys_required: 1 } },
      )
      return partner?.passkeys_required === true
    },

    async requirePasskeys(partnerId: ObjectId, required: boolean): Promise<void> {
      await partners.updateOne({ _id: partnerId }, { $set: { passkeys_required: required } })
    },

    /** One change of a partner's admins at a time. @returns `null` while another one is under way */
    async takeLease(partnerId: ObjectId): Promise<LeaseHolder | null> {
      const partner = await partners.findOneAndUpdate(
        { _id: partnerId, ...lease.isFree },
        [{ $set: lease.takenBy(randomUUID()) }],
        { returnDocument: 'after', projection: { people_lease: 1 } },
      )
      return partner?.people_lease ?? null
    },

    async giveLeaseBack(partnerId: ObjectId, holder: LeaseHolder): Promise<void> {
      await partners.updateOne(
        { _id: partnerId, ...lease.heldBy(holder) },
        { $set: lease.released },
      )
    },
  }
}
export type PeopleRepository = ReturnType<typeof createPeopleRepository>

function latest(one: Date | null | undefined, other: Date | null | undefined): Date | null {
  if (!one || !other) return one ?? other ?? null
  return one > other ? one : other
}
