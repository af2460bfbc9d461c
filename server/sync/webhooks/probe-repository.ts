import type { Collections } from '../../database/collections'

/** A probe that nobody ended is forgotten after this, ms */
const forgottenAfterMs = 60 * 60 * 1000
const idOf = (nonce: string) => `webhook_probe:${nonce}`

/** Deliveries that this installation sent to itself, while it waits for them. */
export function createProbeRepository({ meta }: Pick<Collections, 'meta'>) {
  return {
    async begin(nonce: string, now: Date): Promise<void> {
      const before = new Date(now.getTime() - forgottenAfterMs)
      await meta.deleteMany({ _id: { $regex: /^webhook_probe:/ }, sent_at: { $lt: before } })
      await meta.insertOne({ _id: idOf(nonce), sent_at: now, arrived: false })
    },

    async arrived(nonce: string): Promise<void> {
      await meta.updateOne({ _id: idOf(nonce) }, { $set: { arrived: true } })
    },

    /** Forgets it. @returns whether it had arrived */
    async end(nonce: string): Promise<boolean> {
      const probe = await meta.findOneAndDelete({ _id: idOf(nonce) })
      return probe?.arrived === true
    },
  }
}
export type ProbeRepository = ReturnType<typeof createProbeRepository>
