import type { Collections } from './collections'
import { erasureKeyPlace } from './encryption'

/** The sealed key of the tombstones, as the rotation of encryption keys reads and replaces it. */
export function createErasureKeyStore({ meta }: Pick<Collections, 'meta'>) {
  const _id = erasureKeyPlace.field
  return {
    /** @returns the envelope, `null` where none has been made yet */
    async find(): Promise<string | null> {
      const stored = await meta.findOne({ _id })
      return typeof stored?.envelope === 'string' ? stored.envelope : null
    },
    /** @returns whether it was still the envelope that was read */
    async replace(envelope: string, sealed: string): Promise<boolean> {
      const { matchedCount } = await meta.updateOne(
        { _id, envelope },
        { $set: { envelope: sealed } },
      )
      return matchedCount === 1
    },
  }
}
