export interface Page<T> {
  items: T
  /** Cursor of the next page, `null` on the last */
  after: string | null
}

/** A cursor was returned for the second time: to follow it would never end. */
export class CursorGoesRound extends Error {
  constructor() {
    super('The list comes back to a page that it had already')
    this.name = 'CursorGoesRound'
  }
}

/**
 * Reads pages one after the other, up to `depth` ahead of the consumer: the next request runs while
 * the last page is being written. Memory is bounded by `depth` pages.
 * @param after cursor of the first page, `null` for the beginning
 * @throws what `read` throws, in its place; {CursorGoesRound}
 */
export async function* readAhead<T>(
  after: string | null,
  depth: number,
  read: (after: string | null) => Promise<Page<T>>,
): AsyncGenerator<Page<T>> {
  const guard = createRoundGuard()
  let stopped = false
  let last: Promise<Page<T> | null> = read(after)
  const queue = [last]
  try {
    for (;;) {
      while (queue.length < depth) {
        // Each read waits for the one before it: its cursor comes from there.
        last = last.then(page =>
          page === null || page.after === null || stopped ? null : read(page.after),
        )
        // It is awaited in its turn; until then its failure must not count as unhandled.
        last.catch(() => {})
        queue.push(last)
      }
      const page = await queue.shift()
      if (!page) return
      guard(page.after)
      yield page
    }
  } finally {
    stopped = true
  }
}

/**
 * Detects a cursor that returns, in constant memory (Brent's algorithm): it compares with one kept
 * cursor, which is replaced at each power of two.
 */
function createRoundGuard(): (cursor: string | null) => void {
  let kept: string | null = null
  let steps = 0
  let power = 1
  return cursor => {
    if (cursor === null) return
    if (cursor === kept) throw new CursorGoesRound()
    steps += 1
    if (steps < power) return
    kept = cursor
    power *= 2
    steps = 0
  }
}
