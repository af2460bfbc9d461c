import type { SyncCursorDocument } from '../../database/documents'

/**
 * How far searches overlap. HubSpot's search index lags, its clock is not ours, and records change
 * while they are read.
 *
 * - The next search begins `overlapMs` before the last instant seen, or `quietMs` before the run if
 *   nothing changed since. Together they cover the lag and the difference of the clocks.
 * - What was indexed later still is found by the delayed pass: everything is searched once more
 *   when it is `delayMs` old. It begins `skewMs` before the first watermark.
 */
export interface SearchOverlap {
  overlapMs: number
  quietMs: number
  skewMs: number
  delayMs: number
  /** The delayed pass covers at least this much at a time */
  delayedStepMs: number
}

export const defaultOverlap: SearchOverlap = {
  overlapMs: 2 * 60_000,
  quietMs: 3 * 60_000,
  skewMs: 10 * 60_000,
  delayMs: 20 * 60_000,
  delayedStepMs: 15 * 60_000,
}

/** @returns where the search for modified records begins; the epoch if nothing was ever read */
export function searchFrom({ overlapMs }: SearchOverlap, watermark: Date | null): Date {
  return new Date(Math.max(0, (watermark?.getTime() ?? 0) - overlapMs))
}

/** @returns up to when nothing is missing; `null` if nothing was ever read */
export function completeUntil(
  { skewMs }: SearchOverlap,
  cursor: SyncCursorDocument | null,
): Date | null {
  if (cursor?.complete_until) return cursor.complete_until
  // An import does not store it: the delayed pass begins before the import did.
  const watermarks = [cursor?.contacts_watermark, cursor?.deals_watermark].flatMap(
    watermark => watermark?.getTime() ?? [],
  )
  return watermarks.length === 0 ? null : new Date(Math.min(...watermarks) - skewMs)
}

/**
 * @param startedAt when the run began
 * @returns what the delayed pass has to search, `null` when it is not due
 */
export function lateSpan(
  overlap: SearchOverlap,
  startedAt: Date,
  cursor: SyncCursorDocument | null,
): { from: Date; until: Date } | null {
  const until = new Date(startedAt.getTime() - overlap.delayMs)
  const from = completeUntil(overlap, cursor)
  return from !== null && until.getTime() - from.getTime() >= overlap.delayedStepMs
    ? { from, until }
    : null
}
