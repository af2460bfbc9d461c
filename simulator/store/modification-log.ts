/**
 * Which records changed when, in order of time: finds those of a time window without looking at all
 * of them.
 */
export interface ModificationLog {
  add(at: number, index: number): void
  /**
   * Indexes of the records whose present modification time lies in [from, to), each once,
   * unordered.
   */
  between(from: number, to: number): number[]
}

/**
 * @param presentTime modification time of a record now: an entry of the log that says something
 *   else is out of date
 */
export function createModificationLog(
  presentTime: (index: number) => number | undefined,
): ModificationLog {
  let times: number[] = []
  let indexes: number[] = []
  let compactAt = 50_000

  function position(at: number): number {
    let low = 0
    let high = times.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((times[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Drops what later changes have made untrue, once that is most of the log. */
  function compact(): void {
    const seen = new Set<number>()
    const keep: number[] = []
    for (let i = 0; i < times.length; i++) {
      const index = indexes[i] ?? -1
      if (presentTime(index) !== times[i] || seen.has(index)) continue
      seen.add(index)
      keep.push(i)
    }
    times = keep.map(i => times[i] ?? 0)
    indexes = keep.map(i => indexes[i] ?? -1)
    compactAt = Math.max(50_000, 2 * times.length)
  }

  return {
    add(at, index) {
      if (times.length === 0 || (times.at(-1) ?? 0) <= at) {
        times.push(at)
        indexes.push(index)
      } else {
        const place = position(at + 1)
        times.splice(place, 0, at)
        indexes.splice(place, 0, index)
      }
      if (times.length > compactAt) compact()
    },
    between(from, to) {
      const found = new Set<number>()
      for (let i = position(from); i < times.length && (times[i] ?? to) < to; i++) {
        const index = indexes[i] ?? -1
        if (presentTime(index) === times[i]) found.add(index)
      }
      return [...found]
    },
  }
}
