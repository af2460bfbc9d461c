import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { PasskeyChallengeDocument, PasskeyDocument } from '../../database/documents'
import { isDuplicateKey } from '../../database/duplicate-key'

/** How many one person can have; a list shows them all */
export const mostPasskeys = 20

export type PasskeyCollections = Pick<Collections, 'passkeys' | 'passkeyChallenges' | 'users'>

/** Every MongoDB operator on passkeys, challenges and recovery codes. */
export function createPasskeysRepository({
  passkeys,
  passkeyChallenges,
  users,
}: PasskeyCollections) {
  return {
    list: (userId: ObjectId): Promise<PasskeyDocument[]> =>
      passkeys.find({ user_id: userId }).sort({ _id: 1 }).limit(mostPasskeys).toArray(),

    async has(userId: ObjectId): Promise<boolean> {
      return (await passkeys.findOne({ user_id: userId }, { projection: { _id: 1 } })) !== null
    },

    /** @returns how many each of these users has, by the user's id in hexadecimal */
    async counts(userIds: ObjectId[]): Promise<Map<string, number>> {
      const groups = await passkeys
        .aggregate<{
          _id: ObjectId
          count: number
        }>([
          { $match: { user_id: { $in: userIds } } },
          { $group: { _id: '$user_id', count: { $sum: 1 } } },
        ])
        .toArray()
      return new Map(groups.map(({ _id, count }) => [_id.toHexString(), count]))
    },

    byCredential: (credentialId: string): Promise<PasskeyDocument | null> =>
      passkeys.findOne({ credential_id: credentialId }),

    /** @returns `false` when this credential is registered already */
    async insert(passkey: PasskeyDocument): Promise<boolean> {
      try {
        await passkeys.insertOne(passkey)
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },

    /** Notes a use. @returns `false` when another use came in between: this one does not count */
    async used(
      { _id, counter }: Pick<PasskeyDocument, '_id' | 'counter'>,
      now: { counter: number; backed_up: boolean; last_used_at: Date },
    ): Promise<boolean> {
      const { matchedCount } = await passkeys.updateOne({ _id, counter }, { $set: now })
      return matchedCount === 1
    },

    async rename(userId: ObjectId, id: ObjectId, name: string): Promise<PasskeyDocument | null> {
      return await passkeys.findOneAndUpdate(
        { _id: id, user_id: userId },
        { $set: { name } },
        { returnDocument: 'after' },
      )
    },

    async remove(userId: ObjectId, id: ObjectId): Promise<boolean> {
      const { deletedCount } = await passkeys.deleteOne({ _id: id, user_id: userId })
      return deletedCount === 1
    },

    /** @returns how many there were */
    async removeAll(userId: ObjectId): Promise<number> {
      const { deletedCount } = await passkeys.deleteMany({ user_id: userId })
      return deletedCount
    },

    async ask(challenge: PasskeyChallengeDocument): Promise<void> {
      await passkeyChallenges.insertOne(challenge)
    },

    /** Takes a challenge away: it counts once. @returns `null` when it is unknown or was used */
    takeChallenge: (id: string): Promise<PasskeyChallengeDocument | null> =>
      passkeyChallenges.findOneAndDelete({ _id: id }),

    async prune(now: Date): Promise<void> {
      await passkeyChallenges.deleteMany({ expires_at: { $lt: now } })
    },

    /** @param hashes digests of new recovery codes, in place of those before */
    async setRecoveryCodes(userId: ObjectId, hashes: string[]): Promise<void> {
      await users.updateOne({ _id: userId }, { $set: { recovery_codes: hashes } })
    },

    /** @returns whether it was one of this person's codes; it is used up */
    async useRecoveryCode(userId: ObjectId, hash: string): Promise<boolean> {
      const { modifiedCount } = await users.updateOne(
        { _id: userId, recovery_codes: hash },
        { $pull: { recovery_codes: hash } },
      )
      return modifiedCount === 1
    },
  }
}
export type PasskeysRepository = ReturnType<typeof createPasskeysRepository>
