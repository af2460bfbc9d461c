import type { ChangeSource } from './events'

/** A record as it is at one moment. Its index is its place in the portal's order of ids. */
export interface RecordView {
  index: number
  id: string
  createdAt: number
  updatedAt: number
  archivedAt: number | null
  /** Null when empty or unknown */
  value(property: string): string | null
  /** The values it has had, newest first; empty when it never had one */
  versions(property: string): readonly Version[]
}

/** A value that a property had, from an instant on. */
export interface Version {
  value: string
  at: number
  source: ChangeSource
}

/** What differs from the base record; never changed, only replaced. */
export interface Entry {
  index: number
  properties: Readonly<Record<string, string | null>>
  /** Of the properties that were written, newest first */
  versions: Readonly<Record<string, readonly Version[]>>
  createdAt: number
  updatedAt: number
  archivedAt: number | null
  /** Merged into another record, or erased for good: no list, search or read shows it any more. */
  gone: 'merged' | 'erased' | null
  /** Index of the record it was merged into */
  mergedInto: number | null
}

export type Change = Partial<Omit<Entry, 'index' | 'properties' | 'versions'>> & {
  properties?: Record<string, string | null>
  /** Who wrote the properties; left out: a user in HubSpot */
  source?: ChangeSource
}
