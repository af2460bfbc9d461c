import type { Entry } from './record'

type Known = Entry | 'base' | 'absent'

/** What the search index still believes of records that changed a moment ago. */
export interface SearchLag {
  changed(index: number, before: Known, now: Entry): void
  /** What search knows of the record; undefined when that is its present state */
  known(index: number): Known | undefined
  indexes(): readonly number[]
}

/**
 * @param lagMs how long a change stays out of sight; read at each change. 0 ends every lag: the
 *   index has caught up
 */
export function createSearchLag(lagMs: (index: number) => number): SearchLag {
  const pending = new Map<number, { seen: Known; changes: { visibleAt: number; entry: Entry }[] }>()

  /** Lets search see what has become due. */
  function settle(index: number, now: number): void {
    const record = pending.get(index)
    if (!record) return
    while (record.changes[0] && (lagMs(index) <= 0 || record.changes[0].visibleAt <= now)) {
      record.seen = record.changes[0].entry
      record.changes.shift()
    }
    if (record.changes.length === 0) pending.delete(index)
  }

  return {
    changed(index, before, entry) {
      const lag = lagMs(index)
      if (lag <= 0 && !pending.has(index)) return
      const now = performance.now()
      const record = pending.get(index) ?? { seen: before, changes: [] }
      record.changes.push({ visibleAt: now + lag, entry })
      pending.set(index, record)
    },
    known(index) {
      if (pending.size === 0) return undefined
      settle(index, performance.now())
      return pending.get(index)?.seen
    },
    indexes() {
      if (pending.size === 0) return []
      const now = performance.now()
      for (const index of [...pending.keys()]) settle(index, now)
      return [...pending.keys()]
    },
  }
}
