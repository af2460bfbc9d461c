import type { Reopening } from '../database/client-watch'
import { errorFields, type Log } from './log'
import type { Metrics } from './metrics'

/** Says in the log and the metrics that the database's client had to be opened again. */
export const reopeningReporter =
  ({ log, metrics }: { log: Log; metrics: Metrics }) =>
  ({ outcome, withoutServerMs, error }: Reopening): void => {
    metrics.databaseReopenings.inc({ outcome })
    log.warn(
      {
        event: 'database_reopened',
        outcome,
        durationMs: withoutServerMs,
        ...(error === undefined ? {} : errorFields(error)),
      },
      outcome === 'reopened'
        ? 'The driver had lost the database for good although it answers; its connections are new'
        : 'The driver has lost the database although it answers; new connections failed as well',
    )
  }
