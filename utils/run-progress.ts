import type { Run } from '#shared/contracts/runs'
import { texts } from '#shared/texts/en'

export interface Progress {
  /** Records dealt with */
  done: number
  total: number | null
  /** 0 … 100; `null` while the total is unknown */
  percent: number | null
  ratePerSecond: number | null
  /** `null` while it cannot be told */
  secondsLeft: number | null
}

/** @returns whether the run still goes on */
export function isActive(run: Pick<Run, 'status'> | null | undefined): boolean {
  return run?.status === 'queued' || run?.status === 'running'
}

/**
 * Numbers of a run's progress. A run may see more than was expected: then the total grows with it.
 */
export function progressOf(run: Run): Progress {
  const done = run.counts.seen + run.counts.writtenBack
  const total = run.total === null || run.total <= 0 ? null : Math.max(run.total, done)
  const rate = run.ratePerSecond !== null && run.ratePerSecond > 0 ? run.ratePerSecond : null
  return {
    done,
    total,
    percent: total === null ? null : Math.min(100, Math.floor((done / total) * 100)),
    ratePerSecond: rate,
    secondsLeft: total === null || rate === null ? null : Math.ceil((total - done) / rate),
  }
}

/** @returns e.g. `40 seconds`, `3 minutes`: rounded the way people say it */
export function durationInWords(seconds: number): string {
  const words = texts.connection.progress
  if (seconds < 90)
    return words.seconds(Math.max(1, seconds < 20 ? seconds : Math.round(seconds / 10) * 10))
  if (seconds < 5400) return words.minutes(Math.round(seconds / 60))
  return words.hours(Math.round(seconds / 3600))
}

/** @returns seconds between start and end (or now), `null` before the start */
export function runSeconds(
  run: Pick<Run, 'startedAt' | 'finishedAt'>,
  nowMs: number,
): number | null {
  if (run.startedAt === null) return null
  const end = run.finishedAt === null ? nowMs : Date.parse(run.finishedAt)
  return Math.max(0, Math.round((end - Date.parse(run.startedAt)) / 1000))
}
