import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectId } from 'mongodb'
import { RunInterrupted } from './context'

/** The work that this process does for partners now, so that it can be stopped. */
export function createActiveWork() {
  const open = new Set<{ partnerId: ObjectId; abort: AbortController }>()
  const promises = new Set<Promise<unknown>>()
  let isStopping = false

  return {
    isStopping: () => isStopping,

    /**
     * Does a piece of work that ends early when its signal fires.
     * @returns what `work` returns
     */
    async track<T>(partnerId: ObjectId, work: (abort: AbortController) => Promise<T>): Promise<T> {
      const entry = { partnerId, abort: new AbortController() }
      open.add(entry)
      const promise = work(entry.abort)
      promises.add(promise)
      try {
        return await promise
      } finally {
        open.delete(entry)
        promises.delete(promise)
      }
    },

    /** Stops this process's work for a partner. Other processes notice at their next write. */
    interrupt(partnerId: ObjectId): void {
      for (const one of open)
        if (one.partnerId.equals(partnerId)) one.abort.abort(new RunInterrupted('cancelled'))
    },

    /**
     * Stops everything after the page that is being written. Resolves when nothing is left, or
     * after `maxWaitMs`.
     */
    async stop(maxWaitMs: number): Promise<void> {
      isStopping = true
      for (const { abort } of open) abort.abort(new RunInterrupted('stopping'))
      const timer = new AbortController()
      await Promise.race([
        Promise.allSettled([...promises]),
        delay(maxWaitMs, undefined, { signal: timer.signal, ref: false }).catch(() => {}),
      ])
      timer.abort()
    },
  }
}
export type ActiveWork = ReturnType<typeof createActiveWork>
