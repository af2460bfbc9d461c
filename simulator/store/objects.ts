import { hubspotTime } from '../clock'
import type { BaseRecords } from '../data/base'
import { objectTypes, type ObjectType } from '../data/object-types'
import { createModificationLog, type ModificationLog } from './modification-log'
import { madeInCrm, type ChangeSource } from './events'
import type { Change, Entry, RecordView, Version } from './record'
import { createSearchLag } from './search-lag'

export interface ObjectStoreDeps {
  type: ObjectType
  base: BaseRecords
  /** Finds the base record that started with a unique value, -1 when none did */
  baseIndexOf(property: string, value: string): number
  /** Calculated properties; undefined for every other name */
  computed(property: string, view: RecordView): string | null | undefined
  /** How long the search index stays behind, ms */
  searchLagMs(index: number): number
}

export interface ObjectStore {
  type: ObjectType
  base: BaseRecords
  /** Grows with each change; says whether a remembered search result still holds */
  revision(): number
  /** Records that ever were: valid indexes are 0 … size-1 */
  size(): number
  idAt(index: number): string
  /** -1 for what is no id of this store */
  indexOf(id: string): number
  /** The record, archived or not; null when there is none, or it is gone. */
  view(index: number): RecordView | null
  entry(index: number): Entry | undefined
  /** The record as the search index knows it; null when it does not, or not any more. */
  searchView(index: number): RecordView | null
  /** Indexes whose search view may differ from the present */
  lagging(): readonly number[]
  /** Indexes of all records that are not as they were at the start, unordered */
  touched(): IterableIterator<number>
  touchedCount(): number
  isTouched(index: number): boolean
  modifications: ModificationLog
  /** Index of the live record with this value in a unique property; -1 when none has it */
  findUnique(property: string, value: string): number
  create(properties: Record<string, string | null>, at: number, source?: ChangeSource): RecordView
  put(index: number, change: Change): Entry
  /** What differs from the start, for a file */
  save(): SavedRecords
  /** Takes the place of everything that happened so far. */
  load(saved: SavedRecords): void
}

export interface SavedRecords {
  size: number
  entries: Entry[]
}

/**
 * Gap between ids: HubSpot's are not consecutive, and a neighbour's must not be there by chance.
 */
const idStep = 4

/** Base records computed on demand, with everything that happened since on top. */
export function createObjectStore(deps: ObjectStoreDeps): ObjectStore {
  const { type, base, computed } = deps
  const { firstId, versionsKept, modified } = objectTypes[type]
  const entries = new Map<number, Entry>()
  /** Who has which value, of the properties that were looked into so far */
  const unique = new Map<string, Map<string, number>>()
  const modifications = createModificationLog(index => entries.get(index)?.updatedAt)
  const lag = createSearchLag(deps.searchLagMs)
  let size = base.count
  let revision = 0

  const idAt = (index: number) => String(firstId + index * idStep)

  function viewOf(index: number, entry: Entry | undefined): RecordView {
    const createdAt = entry?.createdAt ?? base.createdAt(index)
    const updatedAt = entry?.updatedAt ?? base.modifiedAt(index)
    const view: RecordView = {
      index,
      id: idAt(index),
      createdAt,
      updatedAt,
      archivedAt: entry?.archivedAt ?? null,
      value(property) {
        if (property === 'hs_object_id') return view.id
        if (property === 'createdate') return hubspotTime(createdAt)
        if (property === modified) return hubspotTime(updatedAt)
        const calculated = computed(property, view)
        if (calculated !== undefined) return calculated
        const own = entry?.properties[property]
        return own !== undefined ? own : index < base.count ? base.value(index, property) : null
      },
      versions(property) {
        const written = entry?.versions[property]
        if (written) return written
        const value = view.value(property)
        return value === null ? [] : [{ value, at: createdAt, source: madeInCrm }]
      },
    }
    return view
  }

  /**
   * What the written properties have been so far and are now; a value that was there already is no
   * new version.
   */
  function written(
    index: number,
    before: Entry | undefined,
    properties: Record<string, string | null>,
    { at, source }: Omit<Version, 'value'>,
  ): Record<string, readonly Version[]> {
    const view = index < base.count || before ? viewOf(index, before) : null
    return Object.fromEntries(
      Object.entries(properties).map(([property, value]) => {
        const known = view?.versions(property) ?? []
        return [
          property,
          known[0]?.value === (value ?? '')
            ? known
            : [{ value: value ?? '', at, source }, ...known].slice(0, versionsKept),
        ]
      }),
    )
  }

  function put(index: number, change: Change): Entry {
    const before = entries.get(index)
    const { properties, source = madeInCrm, ...rest } = change
    const entry: Entry = {
      index,
      createdAt: before?.createdAt ?? base.createdAt(index),
      updatedAt: before?.updatedAt ?? base.modifiedAt(index),
      archivedAt: before?.archivedAt ?? null,
      gone: before?.gone ?? null,
      mergedInto: before?.mergedInto ?? null,
      ...rest,
      properties: properties
        ? { ...before?.properties, ...properties }
        : (before?.properties ?? {}),
      versions: before?.versions ?? {},
    }
    if (properties)
      entry.versions = {
        ...entry.versions,
        ...written(index, before, properties, { at: entry.updatedAt, source }),
      }
    for (const [property, holders] of unique) {
      const old = before?.properties[property]
      if (typeof old === 'string' && holders.get(old) === index) holders.delete(old)
      note(holders, property, entry)
    }
    lag.changed(index, before ?? (index < base.count ? 'base' : 'absent'), entry)
    entries.set(index, entry)
    modifications.add(entry.updatedAt, index)
    revision += 1
    return entry
  }

  function note(holders: Map<string, number>, property: string, entry: Entry): void {
    const value = entry.properties[property]
    if (typeof value === 'string' && entry.archivedAt === null && entry.gone === null)
      holders.set(value, entry.index)
  }

  /** Any property can be made unique while the simulator runs: the first look collects its values. */
  function holdersOf(property: string): Map<string, number> {
    const known = unique.get(property)
    if (known) return known
    const holders = new Map<string, number>()
    for (const entry of entries.values()) note(holders, property, entry)
    unique.set(property, holders)
    return holders
  }

  function view(index: number): RecordView | null {
    if (index < 0 || index >= size) return null
    const entry = entries.get(index)
    return entry?.gone ? null : viewOf(index, entry)
  }

  return {
    type,
    base,
    revision: () => revision,
    size: () => size,
    idAt,
    indexOf(id) {
      if (!/^\d{1,15}$/.test(id)) return -1
      const index = (Number(id) - firstId) / idStep
      return Number.isInteger(index) && index >= 0 && index < size ? index : -1
    },
    view,
    entry: index => entries.get(index),
    searchView(index) {
      const known = lag.known(index)
      const entry = known === undefined ? entries.get(index) : known
      if (entry === 'absent') return null
      if (entry === 'base' || entry === undefined) return viewOf(index, undefined)
      return entry.gone || entry.archivedAt !== null ? null : viewOf(index, entry)
    },
    lagging: () => lag.indexes(),
    touched: () => entries.keys(),
    touchedCount: () => entries.size,
    isTouched: index => entries.has(index),
    modifications,
    findUnique(property, value) {
      const changed = holdersOf(property).get(value)
      const index = changed ?? deps.baseIndexOf(property, value)
      const found = view(index)
      return found && found.archivedAt === null && found.value(property) === value ? index : -1
    },
    create(properties, at, source) {
      const index = size
      size += 1
      put(index, { properties, createdAt: at, updatedAt: at, source })
      return viewOf(index, entries.get(index))
    },
    put,
    save: () => ({ size, entries: [...entries.values()] }),
    load(saved) {
      for (const index of unique.values()) index.clear()
      entries.clear()
      size = saved.size
      for (const { index, properties, versions, ...rest } of saved.entries) {
        const entry = put(index, { ...rest, properties: { ...properties } })
        entries.set(index, { ...entry, versions })
      }
      revision += 1
    },
  }
}
