import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { causeOfBulkError } from './bulk-errors'

/** Errors of the driver that say that no connection could be had or kept, by name */
const connectionErrors =
  /^Mongo(ServerSelection|Network|NetworkTimeout|TopologyClosed|PoolCleared|WaitQueueTimeout|OperationTimeout)Error$/

/** @returns whether MongoDB could not be reached: the caller may ask again later */
export function isDatabaseUnreachable(thrown: unknown): boolean {
  const error = causeOfBulkError(thrown)
  return (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    (error instanceof Error && connectionErrors.test(error.name))
  )
}

/**
 * @returns whether MongoDB gave no final answer: it could not be reached, or the server itself
 *   says that the write may be repeated. Wider than `isDatabaseUnreachable`: every error of the
 *   driver counts, and a server that is stepping down or shutting down.
 */
export function isDatabaseWithoutAnswer(thrown: unknown): boolean {
  const error = causeOfBulkError(thrown)
  return (
    error instanceof MongoError &&
    !(error instanceof MongoServerError && !error.hasErrorLabel('RetryableWriteError'))
  )
}
