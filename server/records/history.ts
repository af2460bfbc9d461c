import { ObjectId } from 'mongodb'
import type { HistoryEntry } from '#shared/contracts/leads'
import type { AnyRecord, HistoryEntryDocument } from '../database/documents'
import type { FieldChange } from './changes'
import type { FieldReport } from './merge-field'

/** A record keeps this much of its own history: so many changes, so many days. */
export const historyKept = { entries: 100, days: 365 }
/** A longer value is cut off, and cannot be taken back. */
export const longestKept = 1000
const longestShown = 120
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
  /** The run or operation that makes the change */
  cause?: ObjectId | null | undefined
  fields?: { field: string; from: string | null; to: string | null; rule?: string | null }[]
}

export function historyEntry({
  at,
  side,
  kind,
  by = null,
  cause = null,
  fields = [],
}: NewEntry): HistoryEntryDocument {
  return {
    _id: new ObjectId(),
    at,
    side,
    kind,
    by: by && { user_id: by.id, email: by.email },
    ...(cause ? { cause } : {}),
    fields: fields.map(({ field, from, to, rule = null }) => ({
      field,
      from: cut(from, longestKept),
      to: cut(to, longestKept),
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

/** What HubSpot's side changed, and where both sides had changed and ours stayed. */
export function arrivalEntries(
  next: AnyRecord,
  arrival: {
    reports: readonly FieldReport[]
    changes: readonly FieldChange[]
    kind: 'received' | 'merged'
    now: Date
    cause: ObjectId | null
  },
): NewEntry[] {
  const { reports, kind, now, cause } = arrival
  const fields = arrival.changes.map(change => ({
    ...change,
    rule: reports.find(report => report.field === change.field)?.rule ?? null,
  }))
  const isNews = (field: string) =>
    next.decisions.some(decision => decision.field === field && decision.at === now)
  const kept = reports
    .filter(report => report.conflict && report.decision === 'took_local' && isNews(report.field))
    .map(({ field, remote, local, rule }) => ({
      field,
      from: remote,
      to: local,
      rule,
    }))
  return [
    ...(fields.length > 0 || kind === 'merged'
      ? [{ at: now, side: 'hubspot', kind, cause, fields } as const]
      : []),
    ...(kept.length > 0
      ? [{ at: now, side: 'ours', kind: 'kept', cause, fields: kept } as const]
      : []),
  ]
}

/** A value as a page shows it: long ones are cut off, leads are counted. */
export function shownValue(field: string, value: string | null): string | null {
  if (field === 'leadIds' && value !== null && /^[0-9a-f]{24}/.test(value))
    return String(value.split(' ').length)
  return cut(value, longestShown)
}

function cut(text: string | null, longest: number): string | null {
  return text !== null && text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}
