import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { OauthAttemptDocument } from '../database/documents'
import { upserted } from '../database/duplicate-key'

type Secrets = Pick<OauthAttemptDocument, 'state_hash' | 'browser_hash'>
type Owner = Pick<OauthAttemptDocument, 'session_id' | 'user_id' | 'partner_id'>

/** Attempts to connect, and how many one person started lately. */
export function createAttemptsRepository({
  oauthAttempts,
  connectStarts,
}: Pick<Collections, 'oauthAttempts' | 'connectStarts'>) {
  return {
    async insert(attempt: OauthAttemptDocument): Promise<void> {
      await oauthAttempts.insertOne(attempt)
    },

    async find(attemptId: ObjectId): Promise<OauthAttemptDocument | null> {
      return await oauthAttempts.findOne({ _id: attemptId })
    },

    /** @returns whether one of this partner's attempts is neither used nor expired */
    async isOpen(partnerId: ObjectId, now: Date): Promise<boolean> {
      const open = { partner_id: partnerId, used_at: null, expires_at: { $gt: now } }
      return (await oauthAttempts.findOne(open, { projection: { _id: 1 } })) !== null
    },

    /** Uses up what was begun and not finished. @param partnerId `null`: of all partners */
    async voidOpen(partnerId: ObjectId | null, now: Date): Promise<void> {
      await oauthAttempts.updateMany(
        {
          ...(partnerId ? { partner_id: partnerId } : {}),
          used_at: null,
          expires_at: { $gt: now },
        },
        { $set: { used_at: now } },
      )
    },

    /** Deletes the oldest unused attempts of a session, all but the latest ones. */
    async dropOldest(
      sessionId: ObjectId,
      { now, kept }: { now: Date; kept: number },
    ): Promise<void> {
      const surplus = await oauthAttempts
        .find(
          { session_id: sessionId, used_at: null, expires_at: { $gt: now } },
          { projection: { _id: 1 } },
        )
        .sort({ created_at: -1, _id: -1 })
        .skip(kept)
        .limit(100)
        .toArray()
      if (surplus.length > 0)
        await oauthAttempts.deleteMany({
          _id: { $in: surplus.map(attempt => attempt._id) },
          used_at: null,
        })
    },

    /** Uses an attempt up: of several callers one gets it. */
    async use(
      attempt: Secrets & Owner & Partial<Pick<OauthAttemptDocument, 'purpose'>>,
      { now, codeHash }: { now: Date; codeHash: string | null },
    ): Promise<OauthAttemptDocument | null> {
      return await oauthAttempts.findOneAndUpdate(
        { ...attempt, provider: 'hubspot', used_at: null, expires_at: { $gt: now } },
        { $set: { used_at: now, code_hash: codeHash } },
        { returnDocument: 'after' },
      )
    },

    /** Uses a state up, whoever brings it. @returns the attempt as it was before */
    async burn(stateHash: string, now: Date): Promise<OauthAttemptDocument | null> {
      return (
        (await oauthAttempts.findOneAndUpdate(
          { state_hash: stateHash, used_at: null },
          { $set: { used_at: now } },
          { returnDocument: 'before' },
        )) ?? (await oauthAttempts.findOne({ state_hash: stateHash }))
      )
    },

    async setOutcome(attemptId: ObjectId, outcome: string): Promise<void> {
      await oauthAttempts.updateOne({ _id: attemptId }, { $set: { outcome } })
    },

    async removeExpired(before: Date): Promise<void> {
      await oauthAttempts.deleteMany({ expires_at: { $lt: before } })
    },

    /**
     * Logs a start where the window still has room, in one atomic update that also drops what is
     * older than the window.
     * @returns whether it was logged, and the oldest start in the window
     */
    async countStart(
      userId: ObjectId,
      { now, windowMs, most }: { now: Date; windowMs: number; most: number },
    ): Promise<{ granted: boolean; oldest: Date | undefined }> {
      const update = [
        // A clock that was set back leaves starts in the future: they count for one window's length
        // only.
        {
          $set: {
            starts: {
              $filter: {
                input: { $ifNull: ['$starts', []] },
                cond: { $lt: [{ $abs: { $subtract: [now, '$$this'] } }, windowMs] },
              },
            },
          },
        },
        { $set: { granted: { $lt: [{ $size: '$starts' }, most] }, last_at: now } },
        {
          $set: {
            starts: { $cond: ['$granted', { $concatArrays: ['$starts', [now]] }, '$starts'] },
          },
        },
      ]
      // Two first starts at once: the other one's document is there now.
      const counted = await upserted(() =>
        connectStarts.findOneAndUpdate({ _id: userId }, update, {
          upsert: true,
          returnDocument: 'after',
        }),
      )
      return { granted: counted?.granted === true, oldest: counted?.starts[0] }
    },

    async removeStarts(before: Date): Promise<void> {
      await connectStarts.deleteMany({ last_at: { $lt: before } })
    },
  }
}
export type AttemptsRepository = ReturnType<typeof createAttemptsRepository>
