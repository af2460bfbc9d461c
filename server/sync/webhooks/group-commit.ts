import { setImmediate } from 'node:timers/promises'
import { DomainError } from '../../errors'

export interface GroupCommitOptions<T, R> {
  /**
   * Makes a group durable in one write.
   * @param entries in the order they came
   * @returns what became of each entry: its result, or why it is not stored
   * @throws when nothing can be said about any of them
   */
  write(entries: readonly (readonly T[])[]): Promise<(R | Error)[]>
  /** Items written together at most; an entry is never split */
  groupSize: number
  /** Items that may wait at most: more are refused at once */
  maxWaiting: number
  /**
   * From an entry's arrival to its answer, ms. A write that takes longer continues, but its success
   * is not reported any more.
   */
  maxWaitMs: number
  /**
   * The next write starts when this one has not ended after so long, ms: its connection may have died
   * unnoticed
   */
  giveUpMs: number
}

interface Entry<T, R> {
  items: readonly T[]
  /** Timed out before its write began */
  isTimedOut: boolean
  resolve(result: R): void
  reject(error: unknown): void
}

function unavailable(message: string): DomainError {
  return new DomainError('database_unavailable', message, { retryAfterSeconds: 5 })
}

/**
 * One durable write for everything that arrives during the last one: a write costs one journal
 * flush, for one item as for hundreds. An idle process writes at once. Entries are written in the
 * order of their arrival.
 */
export function createGroupCommit<T, R>({
  write,
  groupSize,
  maxWaiting,
  maxWaitMs,
  giveUpMs,
}: GroupCommitOptions<T, R>) {
  const queue: Entry<T, R>[] = []
  let waitingItems = 0
  let isWriting = false

  function nextGroup(): Entry<T, R>[] {
    const group: Entry<T, R>[] = []
    let size = 0
    while (queue[0] && (group.length === 0 || size + queue[0].items.length <= groupSize)) {
      const entry = queue.shift() as Entry<T, R>
      waitingItems -= entry.items.length
      if (entry.isTimedOut) continue
      group.push(entry)
      size += entry.items.length
    }
    return group
  }

  async function writeGroup(group: Entry<T, R>[]): Promise<void> {
    if (group.length === 0) return
    try {
      const outcomes = await write(group.map(entry => entry.items))
      for (const [index, entry] of group.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined || outcome instanceof Error)
          entry.reject(outcome ?? unavailable('Nothing is known of this write.'))
        else entry.resolve(outcome)
      }
    } catch (error) {
      for (const entry of group) entry.reject(error)
    }
  }

  /** Resolves when the write is over, or has taken so long that the next one starts anyway. */
  function orGivenUp(write: Promise<void>): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, giveUpMs)
      void write.then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async function work(): Promise<void> {
    if (isWriting) return
    isWriting = true
    while (queue.length > 0) {
      // Wait for entries from other sockets in this turn of the event loop.
      await setImmediate()
      await orGivenUp(writeGroup(nextGroup()))
    }
    isWriting = false
  }

  return {
    /**
     * Resolves once the items are durable.
     * @throws {DomainError} `database_unavailable`: too many wait, or they timed out
     * @throws what the write that held them threw
     */
    add(items: readonly T[]): Promise<R> {
      if (waitingItems > 0 && waitingItems + items.length > maxWaiting)
        return Promise.reject(unavailable('Too much waits for the database.'))
      return new Promise<R>((resolve, reject) => {
        const timer = setTimeout(() => {
          entry.isTimedOut = true
          reject(unavailable('The database did not answer in time.'))
        }, maxWaitMs)
        const settled =
          <V>(settle: (value: V) => void) =>
          (value: V) => {
            clearTimeout(timer)
            settle(value)
          }
        const entry: Entry<T, R> = {
          items,
          isTimedOut: false,
          resolve: settled(resolve),
          reject: settled(reject),
        }
        queue.push(entry)
        waitingItems += items.length
        void work()
      })
    },
  }
}
