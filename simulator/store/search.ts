import { lowerBound } from '../data/base'
import { objectTypes } from '../data/object-types'
import type { Filter } from './filters'
import type { ObjectStore } from './objects'
import type { RecordView } from './record'

export interface SearchQuery {
  /** Groups are alternatives, filters of a group all hold; none: everything */
  groups: Filter[][]
  /** Full text, if asked for */
  text: ((record: RecordView) => boolean) | null
  sort: { property: string; descending: boolean }
  /** Names the query among others of the same store, without its page */
  key: string
}

/** Indexes in order; the total is exact, the list is as long as `upTo` wants it. */
export interface SearchResult {
  total: number
  indexes: number[]
}

interface Ranges {
  /** Ascending, apart from each other: indexes of base records that may match */
  ranges: [from: number, to: number][]
  /** Whether every base record in them does match */
  exact: boolean
}

const remembered = new WeakMap<
  ObjectStore,
  Map<string, { revision: number; result: SearchResult }>
>()
const mostRemembered = 16

/**
 * Finds what a search matches. Time windows and id ranges over untouched records cost nothing but
 * the page; other filters look at every record once, and the outcome is kept for the next pages.
 * @param upTo how many indexes are needed
 */
export function findRecords(store: ObjectStore, query: SearchQuery, upTo: number): SearchResult {
  const memory =
    remembered.get(store) ?? new Map<string, { revision: number; result: SearchResult }>()
  remembered.set(store, memory)
  const known = memory.get(query.key)
  if (known && known.revision === store.revision() && store.lagging().length === 0)
    return known.result

  const matches = matcherOf(query)
  const { ranges, exact } = rangesOf(store, query)
  const changed = changedMatches(store, query, matches)
  const natural = isNatural(store, query.sort.property)
  if (exact && natural) return lazily(store, query, ranges, changed, upTo)

  const unchanged: RecordView[] = []
  for (const [from, to] of ranges) {
    for (let index = from; index < to; index++) {
      if (store.isTouched(index)) continue
      const record = store.view(index)
      if (record && (exact || matches(record))) unchanged.push(record)
    }
  }
  const sorted = sortRecords(store, [...unchanged, ...changed], query.sort)
  const result = {
    total: sorted.length,
    indexes: sorted.slice(0, 10_000).map(({ index }) => index),
  }
  memory.delete(query.key)
  // What was found while the index lags is true for a moment only: the lag ends without a change of
  // the store.
  if (store.lagging().length > 0) return result
  memory.set(query.key, { revision: store.revision(), result })
  for (const oldest of memory.keys()) {
    if (memory.size <= mostRemembered) break
    memory.delete(oldest)
  }
  return result
}

function matcherOf({ groups, text }: SearchQuery): (record: RecordView) => boolean {
  return record =>
    (groups.length === 0 || groups.some(group => group.every(filter => filter.matches(record)))) &&
    (text === null || text(record))
}

/** Created, modified and id all grow with the index of a base record. */
function isNatural(store: ObjectStore, property: string): boolean {
  return (
    property === 'createdate' ||
    property === 'hs_object_id' ||
    property === objectTypes[store.type].modified
  )
}

function rangesOf(store: ObjectStore, { groups, text }: SearchQuery): Ranges {
  const { base } = store
  if (groups.length === 0)
    return { ranges: base.count > 0 ? [[0, base.count]] : [], exact: text === null }
  let exact = text === null && groups.length === 1
  const ranges: [number, number][] = []
  for (const group of groups) {
    let from = 0
    let to = base.count
    let points: number[] | undefined
    for (const filter of group) {
      if (filter.points) points = filter.points
      if (filter.bounds) {
        const position = {
          modified: base.modifiedAt,
          created: base.createdAt,
          id: (index: number) => Number(store.idAt(index)),
        }[filter.bounds.of]
        from = Math.max(from, lowerBound(base.count, position, filter.bounds.from))
        to = Math.min(to, lowerBound(base.count, position, filter.bounds.to))
      } else {
        exact = false
      }
    }
    if (points)
      ranges.push(
        ...points
          .filter(index => index >= from && index < to)
          .map((index): [number, number] => [index, index + 1]),
      )
    else if (from < to) ranges.push([from, to])
  }
  return { ranges: joined(ranges), exact }
}

function joined(ranges: [number, number][]): [number, number][] {
  const result: [number, number][] = []
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else result.push([from, to])
  }
  return result
}

/**
 * Matching records among those that are not as they were at the start, in the way the search index
 * sees them.
 */
function changedMatches(
  store: ObjectStore,
  { groups }: SearchQuery,
  matches: (record: RecordView) => boolean,
): RecordView[] {
  const window =
    groups.length === 1
      ? groups[0]?.find(({ bounds }) => bounds?.of === 'modified')?.bounds
      : undefined
  const all =
    groups.length === 1
      ? (groups[0]?.filter(({ bounds }) => bounds?.of === 'modified').map(({ bounds }) => bounds) ??
        [])
      : []
  const from = Math.max(...all.map(bounds => bounds?.from ?? Number.NEGATIVE_INFINITY))
  const to = Math.min(...all.map(bounds => bounds?.to ?? Number.POSITIVE_INFINITY))
  const candidates = window
    ? new Set([...store.modifications.between(from, to), ...store.lagging()])
    : store.touched()
  const found: RecordView[] = []
  for (const index of candidates) {
    const record = store.searchView(index)
    if (record && matches(record)) found.push(record)
  }
  return found
}

/**
 * Takes untouched records straight out of their ranges, merged with the changed ones, no further
 * than needed.
 */
function lazily(
  store: ObjectStore,
  { sort }: SearchQuery,
  ranges: [number, number][],
  changed: RecordView[],
  upTo: number,
): SearchResult {
  let total = changed.length
  for (const [from, to] of ranges) total += to - from
  for (const index of store.touched())
    if (ranges.some(([from, to]) => index >= from && index < to)) total -= 1

  const keyOf = sortKey(store, sort.property)
  const before = (a: RecordView, b: RecordView) =>
    compare(keyOf(a), keyOf(b)) * (sort.descending ? -1 : 1) < 0
  const sorted = sortRecords(store, foremost(changed, keyOf, sort.descending, upTo), sort)
  const indexes: number[] = []
  let next = 0
  for (const index of walk(ranges, sort.descending)) {
    if (indexes.length >= upTo) break
    if (store.isTouched(index)) continue
    const record = store.view(index)
    if (!record) continue
    for (let other = sorted[next]; other && before(other, record); other = sorted[++next])
      indexes.push(other.index)
    indexes.push(index)
  }
  while (next < sorted.length && indexes.length < upTo) {
    const record = sorted[next++]
    if (record) indexes.push(record.index)
  }
  return { total, indexes }
}

/**
 * The records that can be among the first `count` of a numeric order; those equal to the last one
 * included.
 */
function foremost(
  records: RecordView[],
  keyOf: (record: RecordView) => Key,
  descending: boolean,
  count: number,
): RecordView[] {
  if (records.length <= 2 * count) return records
  const direction = descending ? -1 : 1
  const keys = Float64Array.from(records, record => Number(keyOf(record)) * direction)
  const last = keys.toSorted()[count - 1] ?? Number.POSITIVE_INFINITY
  return records.filter((_, place) => (keys[place] ?? 0) <= last)
}

function* walk(ranges: [number, number][], descending: boolean): Generator<number> {
  for (const [from, to] of descending ? ranges.toReversed() : ranges) {
    if (descending) for (let index = to - 1; index >= from; index--) yield index
    else for (let index = from; index < to; index++) yield index
  }
}

type Key = number | string | null

function sortKey(store: ObjectStore, property: string): (record: RecordView) => Key {
  if (property === objectTypes[store.type].modified) return record => record.updatedAt
  if (property === 'createdate') return record => record.createdAt
  if (property === 'hs_object_id') return record => record.index
  return record => {
    const value = record.value(property)
    if (value === null) return null
    return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value.toLowerCase()
  }
}

/** Records without a value come last. */
function compare(a: Key, b: Key): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}

function sortRecords(
  store: ObjectStore,
  records: RecordView[],
  { property, descending }: SearchQuery['sort'],
): RecordView[] {
  const keyOf = sortKey(store, property)
  const keyed = records.map(record => ({ record, key: keyOf(record) }))
  const direction = descending ? -1 : 1
  // Nobody promises an order among equals: theirs is a steady one that is not that of their ids.
  const scatter = (index: number) => Math.imul(index + 1, 0x9e3779b1) >>> 0
  keyed.sort(
    (a, b) =>
      compare(a.key, b.key) * direction || scatter(a.record.index) - scatter(b.record.index),
  )
  return keyed.map(({ record }) => record)
}
