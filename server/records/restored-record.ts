import type { ObjectId } from 'mongodb'
import type { AnyRecord, DocumentOf, KindName } from '../database/documents'
import { remember, type Editor, type NewEntry } from './history'
import { derivedOf, type RecordKind } from './kinds'
import { freshTry, withState } from './sync-state'

/**
 * A record whose object was archived in HubSpot, or that was deleted here, as it stands again. HubSpot
 * lets no app restore what is archived (docs/hubspot-platform.md#batches): it is made anew.
 */
export function restoredRecord<K extends KindName>(
  kind: RecordKind<K>,
  record: DocumentOf<K>,
  {
    now,
    by,
    cause,
    fields = [],
  }: { now: Date; by: Editor | null; cause?: ObjectId; fields?: NewEntry['fields'] },
): DocumentOf<K> {
  // What is made anew in HubSpot was not brought from there.
  const { imported_by: _imported, ...own } = record
  const unlinked: DocumentOf<K> = {
    ...(own as DocumentOf<K>),
    hubspot_id: null,
    portal_id: null,
    base: null,
    base_days: {},
    remote: null,
    hubspot_modified_at: null,
    archived_at: null,
    detached_at: null,
    create_intent: null,
    revision: record.revision + 1,
    updated_at: now,
  }
  const next = withState<DocumentOf<K>>(
    { ...unlinked, ...derivedOf(kind, unlinked) },
    { ...freshTry(record.sync), dirty: true, state: 'pending', scope: null },
  )
  return remember(next, [{ at: now, side: 'ours', kind: 'restored', by, cause, fields }])
}

/**
 * A record that was deleted here only, as it stands again, linked as before. What changed in HubSpot
 * meanwhile arrives with the next compare: nothing here is newer than what HubSpot sends.
 */
export function linkedAgain(
  record: AnyRecord,
  { now, by, cause }: { now: Date; by: Editor | null; cause: ObjectId },
): AnyRecord {
  const next: AnyRecord = {
    ...record,
    hubspot_modified_at: null,
    revision: record.revision + 1,
    updated_at: now,
  }
  return remember(next, [{ at: now, side: 'ours', kind: 'restored', by, cause }])
}
