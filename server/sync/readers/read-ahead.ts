export interface Page<T> {
  items: T
  /** Cursor of the next page, `null` on the last */
  after: string | null
}

/** A cursor came back that was there before: following it would never end. */
export class CursorGoesRound extends Error {
  constructor() {
    super('The list comes back to a page that it had already')
    this.name = 'CursorGoesRound'
  }
}

/**
 * Reads pages one after the other, up to `depth` ahead of whoever takes them: the next request is
 * under way while the last page is being written. Memory is bounded by `depth` pages.
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
        // It is awaited in its turn; until then nobody listens.
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
 * Notices a cursor that comes back, in constant memory (Brent): it compares with one that is moved
 * ahead at each power of two.
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
