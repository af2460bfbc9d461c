import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { NoticeDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import type { AlertKind } from './kinds'

export interface NewNotice {
  /** `null`: for the operator */
  partnerId: ObjectId | null
  key: string
  kind: AlertKind
  message: string
  /** Whether an e-mail goes out for it */
  email: boolean
}

/** The same trouble, coming and going, sends one e-mail in this time at most. */
export const quietMs = 60 * 60 * 1000
/** Waits between the tries of one e-mail: it doubles up to the longest */
const firstRetryMs = 2 * 60 * 1000
const longestRetryMs = 4 * 60 * 60 * 1000

/** Notices in MongoDB: one open one per partner and key, however many processes report it. */
export function createNotices({ collections, clock }: { collections: Collections; clock: Clock }) {
  /**
   * When the e-mail of a new notice is due: now, or after the quiet time where the last one for the
   * same is recent.
   */
  async function emailDueAt(partnerId: ObjectId | null, key: string, now: Date): Promise<Date> {
    const last = await collections.notices.findOne(
      { partner_id: partnerId, key, emailed_at: { $gt: new Date(now.getTime() - quietMs) } },
      { sort: { emailed_at: -1 }, projection: { emailed_at: 1 } },
    )
    return last?.emailed_at ? new Date(last.emailed_at.getTime() + quietMs) : now
  }

  return {
    /** Opens a notice, or notes that an open one still holds. @returns whether it is new */
    async open({ partnerId, key, kind, message, email }: NewNotice): Promise<boolean> {
      const now = clock()
      const held = await collections.notices.updateOne(
        { partner_id: partnerId, key, resolved_at: null },
        { $set: { message, raised_at: now } },
      )
      if (held.matchedCount > 0) return false
      try {
        await collections.notices.insertOne({
          _id: new ObjectId(),
          partner_id: partnerId,
          key,
          kind,
          message,
          created_at: now,
          raised_at: now,
          email_due_at: email ? await emailDueAt(partnerId, key, now) : null,
          email_attempts: 0,
          emailed_at: null,
          resolved_at: null,
        })
        return true
      } catch (error) {
        // Another process was faster: its notice counts.
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    async resolve(partnerId: ObjectId | null, key: string): Promise<boolean> {
      const { modifiedCount } = await collections.notices.updateOne(
        { partner_id: partnerId, key, resolved_at: null },
        { $set: { resolved_at: clock(), email_due_at: null } },
      )
      return modifiedCount > 0
    },

    /** Open notices of one partner, newest first. */
    list: (partnerId: ObjectId): Promise<NoticeDocument[]> =>
      collections.notices
        .find({ partner_id: partnerId, resolved_at: null })
        .sort({ _id: -1 })
        .limit(50)
        .toArray(),

    /** Open notices of some kinds, over all partners. */
    openOf: (kinds: readonly AlertKind[]): Promise<NoticeDocument[]> =>
      collections.notices.find({ resolved_at: null, kind: { $in: [...kinds] } }).toArray(),

    /**
     * Takes one notice whose e-mail is due. One caller gets it, over all processes; a caller that
     * dies leaves it to be taken again later.
     * @returns `null` when none is due
     */
    async claimDueEmail(): Promise<NoticeDocument | null> {
      const now = clock()
      const due = await collections.notices.findOne(
        { email_due_at: { $lte: now } },
        { sort: { email_due_at: 1 } },
      )
      if (!due) return null
      const waitMs = Math.min(firstRetryMs * 2 ** due.email_attempts, longestRetryMs)
      return await collections.notices.findOneAndUpdate(
        { _id: due._id, email_due_at: due.email_due_at, emailed_at: null, resolved_at: null },
        { $set: { email_due_at: new Date(now.getTime() + waitMs) }, $inc: { email_attempts: 1 } },
        { returnDocument: 'after' },
      )
    },

    async markEmailed(id: ObjectId): Promise<void> {
      await collections.notices.updateOne(
        { _id: id },
        { $set: { emailed_at: clock(), email_due_at: null } },
      )
    },
  }
}
export type Notices = ReturnType<typeof createNotices>
