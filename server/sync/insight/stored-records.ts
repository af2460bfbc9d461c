import type { ObjectId } from 'mongodb'
import type { Clock } from '../../config/clock'
import type { Collections } from '../../database/collections'
import type { AnyRecord } from '../../database/documents'
import { allKinds, type RecordKind } from '../../records/kinds'
import { recordsAfter } from '../../records/repository/by-id-order'

const pageSize = 200
/** A person waits: after this long the rest is left out, ms */
const maxMs = 20_000

/** Changes of so many days, as far as the history keeps them, are played again */
export const daysPlayed = 30
const dayMs = 24 * 60 * 60 * 1000

/** @returns the instant from which on changes are played again */
export const playedSince = (now: Date): Date => new Date(now.getTime() - daysPlayed * dayMs)

/**
 * Shows each stored record of a partner to a rehearsal, page by page.
 * @returns how many were looked at, and whether that is all
 */
export async function eachRecord(
  { collections, clock }: { collections: Collections; clock: Clock },
  partnerId: ObjectId,
  visit: (kind: RecordKind, record: AnyRecord) => void,
): Promise<{ examined: { leads: number; deals: number }; complete: boolean }> {
  const examined = { leads: 0, deals: 0 }
  const start = clock().getTime()
  for (const kind of allKinds) {
    let after: ObjectId | null = null
    do {
      const page: AnyRecord[] = await recordsAfter(collections, kind, partnerId, {
        after,
        limit: pageSize,
      })
      examined[kind.collection] += page.length
      for (const record of page) visit(kind, record)
      after = page.length === pageSize ? (page.at(-1)?._id ?? null) : null
      if (after && clock().getTime() - start > maxMs) return { examined, complete: false }
    } while (after)
  }
  return { examined, complete: true }
}
