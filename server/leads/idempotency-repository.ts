import { ObjectId } from 'mongodb'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { IdempotencyKeyDocument } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'

/** A key is kept this long. */
const keptMs = 24 * 60 * 60 * 1000

/** The keys of requests that make records. */
export function createIdempotencyRepository(
  { idempotencyKeys }: Pick<Collections, 'idempotencyKeys'>,
  clock: Clock,
) {
  return {
    /**
     * The first request of a key chooses the id of the record that it makes.
     * @returns what is stored for the key: of this request, or of an earlier one
     */
    async claim(
      partnerId: ObjectId,
      key: string,
      bodyHash: string,
    ): Promise<{ claim: IdempotencyKeyDocument; isFirst: boolean }> {
      const _id = `${partnerId.toHexString()}:${key}`
      const now = clock()
      // The database clears expired keys away in its own time.
      await idempotencyKeys.deleteOne({ _id, expires_at: { $lte: now } })
      const claim: IdempotencyKeyDocument = {
        _id,
        partner_id: partnerId,
        body_hash: bodyHash,
        record_id: new ObjectId(),
        is_done: false,
        expires_at: new Date(now.getTime() + keptMs),
      }
      try {
        await idempotencyKeys.insertOne(claim)
        return { claim, isFirst: true }
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
      const known = await idempotencyKeys.findOne({ _id })
      return known ? { claim: known, isFirst: false } : { claim, isFirst: false }
    },

    /** The record is stored. */
    async done({ _id, record_id }: IdempotencyKeyDocument): Promise<void> {
      await idempotencyKeys.updateOne({ _id, record_id }, { $set: { is_done: true } })
    },

    /** The request was refused: nothing was made, and the key can be used for another one. */
    async release({ _id, record_id }: IdempotencyKeyDocument): Promise<void> {
      await idempotencyKeys.deleteOne({ _id, record_id, is_done: false })
    },
  }
}
