/**
 * Work that is done one at a time per key. A call that comes while the work is under way does not
 * start it a second time: it makes one more round, however many such calls come.
 */
export function createCoalescer() {
  const running = new Map<string, { again: boolean }>()

  /**
   * @returns resolves after the last round for the caller that started the work, at once for
   *   every other
   * @throws what `work` throws: the round that was asked for in the meantime is dropped
   */
  return async function coalesce(key: string, work: () => Promise<void>): Promise<void> {
    const current = running.get(key)
    if (current) {
      current.again = true
      return
    }
    const state = { again: false }
    running.set(key, state)
    try {
      do {
        state.again = false
        await work()
      } while (state.again)
    } finally {
      running.delete(key)
    }
  }
}
export type Coalesce = ReturnType<typeof createCoalescer>
