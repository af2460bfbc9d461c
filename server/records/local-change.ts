import type { ObjectId } from 'mongodb'
import type { DocumentOf, KindName } from '../database/documents'
import { changesBetween } from './changes'
import { remember, type Editor } from './history'
import type { RecordKind } from './kinds'
import { mergeRecord, type MergeContext } from './merge-record'
import { freshTry, isParted, lookedAtAgain, withState } from './sync-state'

/** What a person or a script changes here, and what that makes of a record. */
export interface LocalChange<D> {
  /** The parts of the document that change */
  change: Partial<D>
  /** The fields that get another value, `stage` among them */
  fields: readonly string[]
  by: Editor | null
  /** The operation that makes the change; absent where a person makes it by hand */
  cause?: ObjectId | undefined
}

/**
 * A new record, marked to be created in HubSpot.
 * @param isWritingBack local changes are to reach HubSpot: it shows as waiting for it
 */
export function createdHere<D extends DocumentOf<KindName>>(
  blank: D,
  { change, fields, by, cause }: LocalChange<D>,
  { isWritingBack, now }: { isWritingBack: boolean; now: Date },
): D {
  const made = withState(
    { ...blank, ...change, changed_at: changedAt(fields, now) },
    { dirty: true, ...(isWritingBack ? { state: 'pending' } : {}) },
  )
  return remember(made, [{ at: now, side: 'ours', kind: 'created', by, cause }])
}

/** The record after an edit, marked to be written to HubSpot where the two sides differ now. */
export function editedHere<K extends KindName>(
  kind: RecordKind<K>,
  current: DocumentOf<K>,
  { change, fields, by, cause }: LocalChange<DocumentOf<K>>,
  context: MergeContext,
): DocumentOf<K> {
  const { now } = context
  const edited = withState<DocumentOf<K>>(
    {
      ...(current.hubspot_id === null && current.sync.scope
        ? withState(current, lookedAtAgain)
        : current),
      ...change,
      changed_at: { ...current.changed_at, ...changedAt(fields, now) },
      revision: current.revision + 1,
      updated_at: now,
    },
    {
      ...freshTry(current.sync),
      dirty: !isParted(current) && (current.dirty || current.hubspot_id === null),
    },
  )
  const { next } = mergeRecord(kind, edited, null, context)
  const changes = changesBetween(current, edited)
  return remember(next, [{ at: now, side: 'ours', kind: 'edited', by, cause, fields: changes }])
}

function changedAt(fields: readonly string[], now: Date): Record<string, Date> {
  return Object.fromEntries(fields.map(field => [field, now]))
}
