import { historyEntry, historyKept, type NewEntry } from '../history'

/** For `$push`: a change that is made without reading the record is remembered like the others. */
export function pushHistory(entry: NewEntry) {
  return { history: { $each: [historyEntry(entry)], $slice: -historyKept.entries } }
}
