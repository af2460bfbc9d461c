import { objectTypeNames, tieOf, type ObjectType } from '../data/object-types'

/** A record by its kind and place. */
export interface Place {
  type: ObjectType
  index: number
}

/** What records of two kinds started with, from either side: indexes of the other kind, ascending. */
export type BaseTie = (from: ObjectType, index: number) => number[]

/** Which records belong together, by index. Base pairs are computed; what changed since is kept. */
export interface Associations {
  /** Indexes of `to`, ascending. Archived ones are not left out here. */
  of(type: ObjectType, index: number, to: ObjectType): number[]
  /** The same, those first that were there first */
  inOrder(type: ObjectType, index: number, to: ObjectType): number[]
  /** @returns whether anything changed */
  add(a: Place, b: Place): boolean
  /** @returns whether anything changed */
  remove(a: Place, b: Place): boolean
  /** Index of the company that was chosen as the record's primary one, be it gone since */
  primary(record: Place): number | undefined
  setPrimary(record: Place, company: number): void
  /** What differs from the start, for a file */
  save(): SavedAssociations
  /** Takes the place of everything that happened so far. */
  load(saved: SavedAssociations): void
}

interface SavedTie {
  added: [left: number, right: number][]
  removed: string[]
}

/** Older files have contacts and deals alone. */
export type SavedAssociations =
  SavedTie | { ties: Record<string, SavedTie>; primaries: [record: string, company: number][] }

/** Names two kinds, whichever comes first. */
export const pairOf = (a: ObjectType, b: ObjectType): string => [a, b].sort().join(':')

/** @param bases by `pairOf`; those without one started without associations */
export function createAssociations(bases: Partial<Record<string, BaseTie>>): Associations {
  const ties = new Map<string, ReturnType<typeof createPairs>>()
  for (const left of objectTypeNames)
    for (const right of objectTypeNames)
      if (left < right && tieOf(left, right))
        ties.set(pairOf(left, right), createPairs(left, right, bases[pairOf(left, right)]))
  function between(a: ObjectType, b: ObjectType) {
    const tie = ties.get(pairOf(a, b))
    if (!tie) throw new Error(`${a} are not associated with ${b}`)
    return tie
  }
  const primaries = new Map<string, number>()
  const keyOf = ({ type, index }: Place) => `${type}:${index}`
  const inOrder = (type: ObjectType, index: number, to: ObjectType) =>
    between(type, to).of(type, index)

  return {
    inOrder,
    of: (type, index, to) => inOrder(type, index, to).sort((a, b) => a - b),
    add: (a, b) => between(a.type, b.type).add(a, b),
    remove: (a, b) => between(a.type, b.type).remove(a, b),
    primary: record => primaries.get(keyOf(record)),
    setPrimary: (record, company) => void primaries.set(keyOf(record), company),
    save: () => ({
      ties: Object.fromEntries([...ties].map(([pair, tie]) => [pair, tie.save()])),
      primaries: [...primaries],
    }),
    load(saved) {
      const now =
        'ties' in saved ? saved : { ties: { [pairOf('contacts', 'deals')]: saved }, primaries: [] }
      for (const [pair, tie] of ties) tie.load(now.ties[pair] ?? { added: [], removed: [] })
      primaries.clear()
      for (const [record, company] of now.primaries) primaries.set(record, company)
    },
  }
}

/** The pairs of records of two kinds. */
function createPairs(left: ObjectType, right: ObjectType, base: BaseTie = () => []) {
  const added = { left: new Map<number, Set<number>>(), right: new Map<number, Set<number>>() }
  const removed = new Set<string>()
  const key = (a: number, b: number) => `${a}:${b}`
  const indexes = (a: Place, b: Place) =>
    a.type === left ? ([a.index, b.index] as const) : ([b.index, a.index] as const)
  const inBase = (a: number, b: number) => base(right, b).includes(a)
  const has = (a: number, b: number) =>
    added.left.get(a)?.has(b) === true || (inBase(a, b) && !removed.has(key(a, b)))

  function link(a: number, b: number): void {
    for (const [map, from, to] of [
      [added.left, a, b],
      [added.right, b, a],
    ] as const) {
      const set = map.get(from)
      if (set) set.add(to)
      else map.set(from, new Set([to]))
    }
  }

  return {
    of(type: ObjectType, index: number): number[] {
      const isLeft = type === left
      const fromBase = base(type, index).filter(
        other => !removed.has(isLeft ? key(index, other) : key(other, index)),
      )
      const extra = added[isLeft ? 'left' : 'right'].get(index)
      return extra ? [...new Set([...fromBase, ...extra])] : fromBase
    },
    add(one: Place, other: Place): boolean {
      const [a, b] = indexes(one, other)
      if (has(a, b)) return false
      removed.delete(key(a, b))
      if (!inBase(a, b)) link(a, b)
      return true
    },
    remove(one: Place, other: Place): boolean {
      const [a, b] = indexes(one, other)
      if (!has(a, b)) return false
      added.left.get(a)?.delete(b)
      added.right.get(b)?.delete(a)
      if (inBase(a, b)) removed.add(key(a, b))
      return true
    },
    save: (): SavedTie => ({
      added: [...added.left].flatMap(([a, others]) =>
        [...others].map((b): [number, number] => [a, b]),
      ),
      removed: [...removed],
    }),
    load(saved: SavedTie): void {
      added.left.clear()
      added.right.clear()
      removed.clear()
      for (const pair of saved.removed) removed.add(pair)
      for (const [a, b] of saved.added) link(a, b)
    },
  }
}
