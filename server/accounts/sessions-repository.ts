import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { PartnerDocument, SessionDocument, UserDocument } from '../database/documents'

type SessionPartner = Pick<PartnerDocument, '_id' | 'name' | 'passkeys_required'>

interface SessionWithOwner {
  session: SessionDocument
  user: Pick<UserDocument, '_id' | 'email' | 'role' | 'disabled' | 'partner_id'>
  partner: SessionPartner
}

/** The rows of sessions, with the user and the partner that each belongs to. */
export function createSessionsRepository({
  sessions,
  users,
  partners,
  passkeys,
}: Pick<Collections, 'sessions' | 'users' | 'partners' | 'passkeys'>) {
  return {
    async insert(session: SessionDocument): Promise<void> {
      await sessions.insertOne(session)
    },

    /**
     * What a request is checked against, in one command: every signed-in request asks it.
     * @returns `null` when any of the three is gone, or the session is of somebody else
     */
    async findWithOwner(ids: {
      sessionId: ObjectId
      userId: ObjectId
      partnerId: ObjectId
    }): Promise<SessionWithOwner | null> {
      const [found] = await sessions
        .aggregate<SessionDocument & { user: UserDocument[]; partner: SessionPartner[] }>([
          { $match: { _id: ids.sessionId, user_id: ids.userId, partner_id: ids.partnerId } },
          {
            $lookup: {
              from: users.collectionName,
              localField: 'user_id',
              foreignField: '_id',
              pipeline: [{ $project: { email: 1, role: 1, disabled: 1, partner_id: 1 } }],
              as: 'user',
            },
          },
          {
            $lookup: {
              from: partners.collectionName,
              localField: 'partner_id',
              foreignField: '_id',
              pipeline: [{ $project: { name: 1, passkeys_required: 1 } }],
              as: 'partner',
            },
          },
        ])
        .toArray()
      const [user, partner] = [found?.user[0], found?.partner[0]]
      return found && user && partner ? { session: found, user, partner } : null
    },

    async hasPasskey(userId: ObjectId): Promise<boolean> {
      return (await passkeys.findOne({ user_id: userId }, { projection: { _id: 1 } })) !== null
    },

    async setProven(sessionId: ObjectId, now: Date): Promise<void> {
      await sessions.updateOne({ _id: sessionId }, { $set: { proven_at: now } })
    },

    async setUserSeen(userId: ObjectId, now: Date): Promise<void> {
      await users.updateOne({ _id: userId }, { $max: { last_seen_at: now } })
    },

    async setLastSeen(sessionId: ObjectId, now: Date): Promise<void> {
      await sessions.updateOne({ _id: sessionId }, { $max: { last_seen_at: now } })
    },

    /** @returns the user's sessions that are neither ended, expired nor idle; last seen first */
    async live(
      userId: ObjectId,
      { now, seenAfter, limit }: { now: Date; seenAfter: Date; limit: number },
    ): Promise<SessionDocument[]> {
      return await sessions
        .find({
          user_id: userId,
          revoked_at: null,
          expires_at: { $gt: now },
          last_seen_at: { $gt: seenAfter },
        })
        .sort({ last_seen_at: -1, _id: -1 })
        .limit(limit)
        .toArray()
    },

    async revoke(sessionId: ObjectId, now: Date): Promise<void> {
      await sessions.updateOne({ _id: sessionId }, { $set: { revoked_at: now } })
    },

    /** @returns whether this user had such a session, not ended and not expired */
    async revokeLive(userId: ObjectId, sessionId: ObjectId, now: Date): Promise<boolean> {
      const { matchedCount } = await sessions.updateOne(
        { _id: sessionId, user_id: userId, revoked_at: null, expires_at: { $gt: now } },
        { $set: { revoked_at: now } },
      )
      return matchedCount === 1
    },

    /** @returns how many sessions of the user ended */
    async revokeAll(userId: ObjectId, now: Date, except: ObjectId | null): Promise<number> {
      const { modifiedCount } = await sessions.updateMany(
        { user_id: userId, revoked_at: null, ...(except ? { _id: { $ne: except } } : {}) },
        { $set: { revoked_at: now } },
      )
      return modifiedCount
    },

    async removeExpired(before: Date): Promise<void> {
      await sessions.deleteMany({ expires_at: { $lt: before } })
    },
  }
}
