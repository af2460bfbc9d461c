import type { ObjectId } from 'mongodb'
import type { NoticePreferences } from '#shared/contracts/notices'
import type { Collections } from '../database/collections'
import type { UserDocument } from '../database/documents'

type DigestItem = NonNullable<UserDocument['notice_digest']>['items'][number]

/** A daily e-mail that is due */
export interface DueDigest {
  userId: ObjectId
  email: string
  items: DigestItem[]
}

/** A daily e-mail names so many notices, the latest ones */
const mostItems = 50
/** After a daily e-mail could not be sent, ms */
const retryMs = 15 * 60 * 1000

/** How people want to hear of notices, and what waits for their daily e-mail. */
export function createNoticePeople({ users }: Pick<Collections, 'users'>) {
  return {
    async find(userId: ObjectId): Promise<Partial<NoticePreferences>> {
      const user = await users.findOne({ _id: userId }, { projection: { notice_preferences: 1 } })
      return user?.notice_preferences ?? {}
    },

    async choose(userId: ObjectId, kinds: Partial<NoticePreferences>): Promise<void> {
      const changes = Object.entries(kinds).map(([kind, timing]) => [
        `notice_preferences.${kind}`,
        timing,
      ])
      if (changes.length === 0) return
      await users.updateOne({ _id: userId }, { $set: Object.fromEntries(changes) })
    },

    /** Adds to somebody's next daily e-mail. @param dueAt when it leaves, unless one waits already */
    async addToDigest(userId: ObjectId, items: readonly DigestItem[], dueAt: Date): Promise<void> {
      await users.updateOne(
        { _id: userId },
        { $push: { 'notice_digest.items': { $each: [...items], $slice: -mostItems } } },
      )
      await users.updateOne(
        { _id: userId, 'notice_digest.due_at': null },
        { $set: { 'notice_digest.due_at': dueAt } },
      )
    },

    /**
     * Takes one daily e-mail that is due. One caller gets it, over all processes; a caller that
     * dies leaves it to be taken again later.
     */
    async claimDigest(now: Date): Promise<DueDigest | null> {
      const user = await users.findOneAndUpdate(
        { 'notice_digest.due_at': { $lte: now }, disabled: false },
        { $set: { 'notice_digest.due_at': new Date(now.getTime() + retryMs) } },
        { returnDocument: 'after', projection: { email: 1, notice_digest: 1 } },
      )
      return user
        ? { userId: user._id, email: user.email, items: user.notice_digest?.items ?? [] }
        : null
    },

    /** It was sent: what came meanwhile leaves with the next one. */
    async clearDigest({ userId, items }: DueDigest): Promise<void> {
      await users.updateOne(
        { _id: userId },
        { $pull: { 'notice_digest.items': { id: { $in: items.map(({ id }) => id) } } } },
      )
      await users.updateOne(
        { _id: userId, 'notice_digest.items': { $size: 0 } },
        { $unset: { notice_digest: '' } },
      )
    },
  }
}
export type NoticePeople = ReturnType<typeof createNoticePeople>
