import { hash32 } from '../random'

/**
 * What a portal held when the simulator started. Nothing is stored: each value is computed when
 * asked for.
 */
export interface BaseRecords {
  count: number
  /** Milliseconds since the epoch; grows strictly with the index */
  createdAt(index: number): number
  /**
   * Milliseconds since the epoch; grows strictly with the index, so that a time window is a range
   * of indexes
   */
  modifiedAt(index: number): number
  /** Value of a property that a user could have entered; null when empty or unknown */
  value(index: number, property: string): string | null
}

const firstInstant = Date.UTC(2024, 0, 8, 7)
const lastInstant = Date.UTC(2026, 5, 1, 17)

/**
 * Times of `count` records spread evenly over some two and a half years, the same for every start
 * of the simulator.
 */
export function baseTimes(
  seed: number,
  count: number,
): Pick<BaseRecords, 'createdAt' | 'modifiedAt'> {
  const step = (lastInstant - firstInstant) / (count + 1)
  const at = (index: number, salt: number) =>
    firstInstant + Math.floor((index + hash32(seed, salt, index) / 4_294_967_297) * step)
  return {
    createdAt: index => at(index, 1),
    // A whole step later than the creation's slot: never before it, and still in order.
    modifiedAt: index => at(index + 1, 2),
  }
}

/**
 * First index in [0, count) whose time is at least `at`; `count` when there is none. `time` must
 * grow with the index.
 */
export function lowerBound(count: number, time: (index: number) => number, at: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (time(middle) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Of an account that starts without records of a kind. */
export const noBaseRecords: BaseRecords = { count: 0, ...baseTimes(0, 0), value: () => null }
