import type { ObjectId } from 'mongodb'
import type { AnyRecord, OperationDocument, OperationTask } from '../database/documents'
import { isDatabaseUnavailable } from '../database/errors'
import { DomainError } from '../errors'
import type { Editor } from '../records/history'
import type { Outcome } from './repository'

/** One part of an operation: some hundred records at most. */
export interface Step {
  /** Where the next step goes on; `null` when this was the last one */
  next: Record<string, unknown> | null
  done: number
  /** Records that were left as they were */
  outcomes: Outcome[]
}

/** An operation whose task is of one kind. */
export type OperationOf<K extends OperationTask['kind']> = OperationDocument & {
  task: Extract<OperationTask, { kind: K }>
}

/**
 * Does the part of an operation that its cursor names. It is called again with the same cursor after
 * a kill, so it must find what it has done already: each change carries the operation's id.
 */
export type Runner<K extends OperationTask['kind']> = (operation: OperationOf<K>) => Promise<Step>

export const stepSize = 100

/** Who edits for an operation. */
export function editorOf({ _id, by }: OperationDocument): { by: Editor | null; cause: ObjectId } {
  return { by: by && { id: by.user_id, email: by.email }, cause: _id }
}

/** @returns whether an operation changed this record already, before a kill */
export function isDoneBy(
  { _id }: Pick<OperationDocument, '_id'>,
  record: Pick<AnyRecord, 'history'> | undefined,
): boolean {
  return record?.history?.some(entry => entry.cause?.equals(_id)) ?? false
}

/** @returns the sentence for a record that was refused @throws what is not about the record */
export function whyRefused(error: unknown): string {
  if (isDatabaseUnavailable(error) || !(error instanceof DomainError)) throw error
  return error.message
}

/** Does something for each of many, a few at a time. @returns in their order */
export async function eachOf<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const atOnce = 5
  const results: R[] = []
  for (let start = 0; start < items.length; start += atOnce)
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))))
  return results
}
