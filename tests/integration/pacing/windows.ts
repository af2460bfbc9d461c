import type { Document, Filter, FindOneAndUpdateOptions } from 'mongodb'
import type { Collections } from '../../../server/database/collections'
import type { PaceDocument } from '../../../server/database/documents'

/**
 * @param instants when requests were let go, ms, in any order
 * @returns the most that ever fell into one window of that length
 */
export function fullestWindow(instants: number[], windowMs: number): number {
  const sorted = [...instants].sort((a, b) => a - b)
  let most = 0
  let start = 0
  for (const [end, at] of sorted.entries()) {
    while (at - (sorted[start] ?? at) >= windowMs) start += 1
    most = Math.max(most, end - start + 1)
  }
  return most
}

/**
 * Notes when requests are let go, by the database's clock: this process may stand still between an
 * answer and the moment it looks at it.
 * @returns the collection to give to the pacing, and the instants, ms
 */
export function noteGrants(pace: Collections['pace']): {
  pace: Collections['pace']
  instants: number[]
} {
  const instants: number[] = []
  const noting = async (
    filter: Filter<PaceDocument>,
    update: Document[],
    options: FindOneAndUpdateOptions,
  ) => {
    const answer = await pace.findOneAndUpdate(filter, update, {
      ...options,
      projection: { granted: 1, wait_ms: 1, grants: 1 },
    })
    if (answer?.granted)
      instants.push(...answer.grants.slice(-answer.granted).map(at => at.getTime()))
    return answer
  }
  const noted = new Proxy(pace, {
    get(target, key) {
      if (key === 'findOneAndUpdate') return noting
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { pace: noted, instants }
}
