import type { SyncCursorDocument } from '../../database/documents'

/** Sweeps come with each so many looks of the schedule, and once an hour at least */
const looksPerSweep = 4
const mostMs = 60 * 60 * 1000

/**
 * How often the schedule has what no search shows swept: archived and restored records, and ties.
 * Webhooks report them at once, and Sync Now always sweeps.
 */
export function createSweepPace(intervalSeconds: number) {
  const everyMs = Math.min(looksPerSweep * intervalSeconds * 1000, mostMs)
  return {
    isDue: (cursor: SyncCursorDocument | null, now: Date): boolean =>
      now.getTime() - (cursor?.swept_at?.getTime() ?? 0) >= everyMs,
  }
}
export type SweepPace = ReturnType<typeof createSweepPace>
