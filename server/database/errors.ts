import { MongoBulkWriteError, MongoError } from 'mongodb'
import { DomainError } from '../errors'

/** Errors of the driver that say that no connection could be had or kept, by name */
const connectionErrors = new Set([
  'MongoServerSelectionError',
  'MongoSystemError',
  'MongoUnexpectedServerResponseError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoConnectionClosedError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'MongoWriteConcernError',
  'MongoExpiredSessionError',
  'MongoStalePrimaryError',
])

/**
 * Codes by which a server says that it cannot do anything at present, and would do the same command
 * later, or once its operator has helped it (`error_codes.yml` of MongoDB's source).
 */
const passingCodes = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  13, // Unauthorized
  18, // AuthenticationFailed
  24, // LockTimeout
  43, // CursorNotFound: its server was replaced
  46, // LockBusy
  50, // MaxTimeMSExpired
  63, // StaleShardVersion
  64, // WriteConcernFailed
  79, // UnknownReplWriteConcern
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  150, // StaleEpoch
  175, // QueryPlanKilled
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  216, // ElectionInProgress
  237, // CursorKilled
  262, // ExceededTimeLimit
  371, // UserWritesBlocked
  391, // ReauthenticationRequired
  462, // IngressRequestRateLimitExceeded
  8000, // AtlasError: over its quota, or not permitted
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  12501, // quota exceeded
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031, // OutOfDiskSpace
  17053, // not enough space for the log
])

/** Labels that a server or the driver puts on what may be asked again */
const passingLabels = [
  'RetryableWriteError',
  'RetryableError',
  'SystemOverloadedError',
  'ResetPool',
  'PoolRequestedRetry',
  'TransientTransactionError',
]

/**
 * Whether MongoDB cannot serve at present: it cannot be reached, is stepping down, shutting down,
 * read-only, full or closed to us, or has not confirmed a write. Looks at every error in the chain
 * of causes. Of what was asked nothing is known: it may have been done.
 *
 * The only answer to this question, for routes, pages, jobs and runs.
 */
export function isDatabaseUnavailable(thrown: unknown): boolean {
  const seen = new Set<unknown>()
  const open: unknown[] = [thrown]
  while (open.length > 0) {
    const error = open.pop()
    if (typeof error !== 'object' || error === null || seen.has(error)) continue
    seen.add(error)
    // What the application made of an error stands: its code says what it is.
    if (error instanceof DomainError) {
      if (error.code === 'database_unavailable') return true
      continue
    }
    if (saysUnavailable(error)) return true
    open.push(...causesOf(error))
  }
  return false
}

/** @returns whether a code of a server says that the same command may succeed later */
export const isPassingCode = (code: unknown): boolean =>
  typeof code === 'number' && passingCodes.has(code)

/**
 * The driver lets a socket's own error through when it writes to a connection that the server has
 * just ended (mongodb 7.9.0). Only its stack tells it from a socket of somebody else's.
 */
function isSocketOfDriver(error: object): boolean {
  const { code, stack } = error as { code?: unknown; stack?: unknown }
  return (
    (code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED') &&
    typeof stack === 'string' &&
    /\bConnection\.(writeCommand|sendWire)\b/.test(stack)
  )
}

function saysUnavailable(error: object): boolean {
  const { name } = error as { name?: unknown }
  if (isSocketOfDriver(error)) return true
  if (typeof name === 'string' && connectionErrors.has(name)) return true
  if (!(error instanceof MongoError)) return false
  if (passingLabels.some(label => error.hasErrorLabel(label))) return true
  if (error instanceof MongoBulkWriteError)
    return (
      error.result.getWriteConcernError() !== undefined ||
      isPassingCode(error.code) ||
      [error.writeErrors].flat().some(refused => isPassingCode(refused.code))
    )
  return isPassingCode(error.code)
}

/** What an error carries of the errors that led to it. */
function causesOf(error: object): unknown[] {
  const { cause, errorResponse, errors } = error as Record<string, unknown>
  return [cause, errorResponse, ...(Array.isArray(errors) ? errors : [])]
}
