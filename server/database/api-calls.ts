import type { Clock } from '../config/clock'
import type { Collections } from './collections'

/** Each process notes a release at most this often: there are many calls, ms */
const noteEveryMs = 10 * 60 * 1000
const idOf = (release: string) => `api_release:${release}`

/**
 * Which releases of HubSpot's API were called lately, over all processes: an announced end concerns
 * whoever calls it, not whoever could.
 */
export function createApiCalls({
  collections: { meta },
  clock,
}: {
  collections: Pick<Collections, 'meta'>
  clock: Clock
}) {
  const notedAt = new Map<string, number>()
  return {
    /** Never throws, and nobody waits for it. */
    note(release: string): void {
      const now = clock()
      if (now.getTime() - (notedAt.get(release) ?? 0) < noteEveryMs) return
      if (notedAt.size > 100) notedAt.clear()
      notedAt.set(release, now.getTime())
      void meta
        .updateOne({ _id: idOf(release) }, { $max: { called_at: now } }, { upsert: true })
        .catch(() => notedAt.delete(release))
    },

    /** @returns the releases called since then, such as `2026-09` or `v3` */
    async since(from: Date): Promise<string[]> {
      const called = await meta
        .find({ _id: { $regex: /^api_release:/ }, called_at: { $gte: from } })
        .toArray()
      return called.map(({ _id }) => _id.slice(idOf('').length)).sort()
    },
  }
}
export type ApiCalls = ReturnType<typeof createApiCalls>
