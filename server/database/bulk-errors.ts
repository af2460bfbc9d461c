import { MongoBulkWriteError, type WriteError } from 'mongodb'
import { isPassingCode } from './errors'

/**
 * The driver throws `MongoBulkWriteError` for two things: a server that refused single writes, and
 * one that cannot be said to have done any of them (the connection broke, it is shutting down). The
 * second has no write errors in it, and must not look like a bulk of which nothing was refused.
 * @returns the driver's own error of the second kind; any other error as it is
 */
function causeOfBulkError(error: unknown): unknown {
  if (!(error instanceof MongoBulkWriteError) || [error.writeErrors].flat().length > 0) return error
  return error.errorResponse instanceof Error ? error.errorResponse : error
}

/**
 * What the server refused of a bulk write, each with its index, and how many updates found their
 * document. Everything else of the bulk is done and durable.
 * @throws what was caught, where nothing is known of the rest: another error, a broken connection,
 *   a write concern that was not met, a server that cannot write at present
 */
export function refusedWrites(error: unknown): {
  refused: readonly WriteError[]
  matchedCount: number
} {
  if (!(error instanceof MongoBulkWriteError)) throw error
  const refused = [error.writeErrors].flat()
  if (
    refused.length === 0 ||
    refused.some(({ code }) => isPassingCode(code)) ||
    error.result.getWriteConcernError()
  )
    throw causeOfBulkError(error)
  return { refused, matchedCount: error.matchedCount }
}
