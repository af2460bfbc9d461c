import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { NoticeDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { alertRules, stormOf, type AlertKind } from './kinds'

export interface NewNotice {
  /** `null`: for the operator */
  partnerId: ObjectId | null
  key: string
  kind: AlertKind
  message: string
  /** Whether an e-mail goes out for it, and a delivery to the partner's own address */
  email: boolean
  webhook: boolean
}

/** A way in which notices leave: each has its own tries. */
export type Channel = 'email' | 'webhook'

/** The same trouble, coming and going, sends one e-mail in this time at most. */
export const quietMs = 60 * 60 * 1000
/** So many are told at once in the quiet time, then the rest of it together: a digest, no storm. */
const toldAtOnce = 3
/** Notices in one e-mail or delivery */
const bundleSize = 20
/** A partner's own address is tried so often for one notice */
const webhookAttempts = 8
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

  /**
   * When a new notice may leave: at once, or, after a few that left lately, together with those
   * that wait.
   */
  async function afterStorm(
    partnerId: ObjectId | null,
    kinds: readonly string[],
    now: Date,
  ): Promise<Date> {
    const from = new Date(now.getTime() - quietMs)
    const told = await collections.notices
      .find(
        { partner_id: partnerId, told_at: { $gt: from }, kind: { $in: [...kinds] } },
        { sort: { told_at: -1 }, projection: { told_at: 1 }, limit: 200 },
      )
      .toArray()
    const instants = [...new Set(told.flatMap(one => one.told_at?.getTime() ?? []))]
    const latest = instants[0]
    return latest === undefined || instants.length < toldAtOnce ? now : new Date(latest + quietMs)
  }

  /** Stage of an update: when a notice is tried again, by the tries that it has had. */
  function retryAt(channel: Channel, now: Date) {
    const tries = { $ifNull: [`$${channel}_attempts`, 0] }
    const waitMs = { $multiply: [firstRetryMs, { $pow: [2, tries] }] }
    const again = { $add: [now, { $min: [waitMs, longestRetryMs] }] }
    if (channel === 'email') return again
    // The last try is the last: what came of it stands with the address.
    return { $cond: [{ $gte: [tries, webhookAttempts - 1] }, null, again] }
  }

  return {
    /** Notes that an open notice still holds. @returns whether there is one */
    async hold({
      partnerId,
      key,
      message,
    }: Pick<NewNotice, 'partnerId' | 'key' | 'message'>): Promise<boolean> {
      const { matchedCount } = await collections.notices.updateOne(
        { partner_id: partnerId, key, resolved_at: null },
        { $set: { message, raised_at: clock() } },
      )
      return matchedCount > 0
    },

    /** Opens a notice. @returns `false`: one was opened meanwhile */
    async open({ partnerId, key, kind, message, email, webhook }: NewNotice): Promise<boolean> {
      const now = clock()
      const free = email || webhook ? await afterStorm(partnerId, stormOf(kind), now) : now
      const quiet = email ? await emailDueAt(partnerId, key, now) : now
      const dueAt = new Date(Math.max(free.getTime(), quiet.getTime()))
      try {
        await collections.notices.insertOne({
          _id: new ObjectId(),
          partner_id: partnerId,
          key,
          kind,
          message,
          created_at: now,
          raised_at: now,
          email_due_at: email ? dueAt : null,
          email_attempts: 0,
          emailed_at: null,
          resolved_at: null,
          ...(webhook ? { webhook_due_at: dueAt, webhook_attempts: 0 } : {}),
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
        { $set: { resolved_at: clock(), email_due_at: null, webhook_due_at: null } },
      )
      return modifiedCount > 0
    },

    /** News that was mailed is over; the partner's own address may still be told. */
    async close(ids: readonly ObjectId[]): Promise<void> {
      await collections.notices.updateMany(
        { _id: { $in: [...ids] }, resolved_at: null },
        { $set: { resolved_at: clock() } },
      )
    },

    /**
     * @returns ids of those that are well again; news, which tell of what happened, stay news
     */
    async solvedOf(ids: readonly ObjectId[]): Promise<Set<string>> {
      const over = await collections.notices
        .find({ _id: { $in: [...ids] }, resolved_at: { $ne: null } }, { projection: { kind: 1 } })
        .toArray()
      return new Set(
        over
          .filter(({ kind }) => !(kind in alertRules && alertRules[kind as AlertKind].isNews))
          .map(({ _id }) => _id.toHexString()),
      )
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
     * Takes the notices of one partner that are due: what waited together leaves together. One
     * caller gets them, over all processes; a caller that dies leaves them to be taken again later.
     * @returns none when none is due
     */
    async claimDue(channel: Channel): Promise<NoticeDocument[]> {
      const now = clock()
      const dueAt = `${channel}_due_at` as const
      const attempts = `${channel}_attempts`
      const gathers = { [`${channel}_gathers`]: true }
      const isDue = { [dueAt]: { $lte: now } }
      const taken = {
        [dueAt]: retryAt(channel, now),
        [attempts]: { $add: [{ $ifNull: [`$${attempts}`, 0] }, 1] },
        told_at: { $ifNull: ['$told_at', now] },
      }
      const others: (ObjectId | null)[] = []
      for (;;) {
        const first = await collections.notices.findOne(
          { ...isDue, partner_id: { $nin: others } },
          { sort: { [dueAt]: 1, _id: 1 } },
        )
        if (!first) return []
        const ofPartner = { partner_id: first.partner_id }
        // Whoever took the first one gathers the others just now: they are not a bundle of their own.
        if (
          await collections.notices.findOne({ ...ofPartner, ...gathers, [dueAt]: { $gt: now } })
        ) {
          others.push(first.partner_id)
          continue
        }
        const { modifiedCount } = await collections.notices.updateOne(
          { _id: first._id, [dueAt]: first[dueAt] ?? null },
          [{ $set: { ...taken, ...gathers } }],
        )
        if (modifiedCount === 0) continue
        const rest = await collections.notices
          .find({ ...isDue, ...ofPartner }, { projection: { _id: 1 } })
          .limit(bundleSize - 1)
          .toArray()
        const ids = [first._id, ...rest.map(({ _id }) => _id)]
        await collections.notices.updateMany({ _id: { $in: ids }, ...isDue }, [{ $set: taken }])
        await collections.notices.updateOne({ _id: first._id }, [{ $unset: `${channel}_gathers` }])
        return await collections.notices
          .find({ _id: { $in: ids } })
          .sort({ _id: 1 })
          .toArray()
      }
    },

    /** These addresses have the e-mail: when it is tried again they are left out. */
    async noteEmailed(ids: readonly ObjectId[], addresses: readonly string[]): Promise<void> {
      await collections.notices.updateMany(
        { _id: { $in: [...ids] } },
        { $addToSet: { emailed_to: { $each: [...addresses] } } },
      )
    },

    async markEmailed(ids: readonly ObjectId[]): Promise<void> {
      await collections.notices.updateMany(
        { _id: { $in: [...ids] } },
        { $set: { emailed_at: clock(), email_due_at: null } },
      )
    },

    async markDelivered(ids: readonly ObjectId[]): Promise<void> {
      await collections.notices.updateMany(
        { _id: { $in: [...ids] } },
        { $set: { webhook_due_at: null } },
      )
    },
  }
}
export type Notices = ReturnType<typeof createNotices>
