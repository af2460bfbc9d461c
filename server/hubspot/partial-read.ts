import { idsOfError, isComplete, type WireBatch, type WireBatchError } from './crm-answers'

/** The answer of a batch read, which may be about some of the records only */
export type PartialRead<R = unknown> = Pick<WireBatch, 'status' | 'errors'> & {
  results: readonly R[]
}

/**
 * Whether a batch read says something about each record that was asked for: its values, or that it
 * does not exist. Then its status does not matter.
 */
export function isWholeRead(batch: PartialRead, asked: number): boolean {
  // Another error than "not found" must not look like a deleted record.
  if (!(batch.errors ?? []).every(saysNotFound)) return false
  const missing = new Set(idsNotFound(batch)).size
  return isComplete(batch) || batch.results.length + missing >= asked
}

/** The ids of the records that do not exist, by the answer of a batch read. */
export const idsNotFound = ({ errors }: Pick<PartialRead, 'errors'>): string[] =>
  (errors ?? []).filter(saysNotFound).flatMap(idsOfError)

const saysNotFound = ({ category }: WireBatchError) => category === 'OBJECT_NOT_FOUND'
