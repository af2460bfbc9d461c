import { ObjectId } from 'mongodb'
import type { HistoryEntry } from '#shared/contracts/leads'
import type { AnyRecord, HistoryEntryDocument } from '../database/documents'

/** A record keeps this much of its own history: so many changes, so many days. */
export const historyKept = { entries: 100, days: 365 }
const longestValue = 120
const dayMs = 24 * 60 * 60 * 1000

/** Who edits: a user of the partner's. */
export interface Editor {
  id: ObjectId
  email: string
}

/** A change to remember. */
export interface NewEntry {
  at: Date
  side: HistoryEntry['side']
  kind: HistoryEntry['kind']
  by?: Editor | null
  fields?: { field: string; from: string | null; to: string | null; rule?: string | null }[]
}

export function historyEntry({
  at,
  side,
  kind,
  by = null,
  fields = [],
}: NewEntry): HistoryEntryDocument {
  return {
    _id: new ObjectId(),
    at,
    side,
    kind,
    by: by && { user_id: by.id, email: by.email },
    fields: fields.map(({ field, from, to, rule = null }) => ({
      field,
      from: short(from),
      to: short(to),
      rule,
    })),
  }
}

/**
 * @returns the record with these entries at the end of its history, and without what is too much or
 *   too old. Stored in the very write that makes the change.
 */
export function remember<D extends AnyRecord>(record: D, entries: readonly NewEntry[]): D {
  const [newest] = entries
  if (!newest) return record
  const oldest = newest.at.getTime() - historyKept.days * dayMs
  return {
    ...record,
    history: [...(record.history ?? []), ...entries.map(historyEntry)]
      .filter(entry => entry.at.getTime() >= oldest)
      .slice(-historyKept.entries),
  }
}

function short(text: string | null): string | null {
  return text !== null && text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text
}
