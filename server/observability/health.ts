import type { Database } from '../database/client'
import type { Metrics } from './metrics'

export interface Readiness {
  ready: boolean
  checks: { database: 'ok' | 'unavailable'; indexes: 'ok' | 'pending'; draining: boolean }
}

/**
 * Whether this process can serve, and the order in which it stops: first it says so, then streams
 * end, then work stops.
 */
export function createHealth({ database, metrics }: { database: Database; metrics: Metrics }) {
  let draining = false
  let prepared = false
  const onDrain = new Set<() => void>()
  return {
    get draining() {
      return draining
    },
    /** The indexes stand: from now on the process may serve. */
    markPrepared() {
      prepared = true
    },
    /**
     * Calls back once, when the process is told to stop: for what would keep a connection open
     * (event streams) or take new work.
     * @returns a function that takes the registration back
     */
    onDrain(callback: () => void): () => void {
      if (draining) callback()
      else onDrain.add(callback)
      return () => void onDrain.delete(callback)
    },
    /** From here on `readyz` says no. Idempotent. */
    beginDrain() {
      if (draining) return
      draining = true
      metrics.ready.set(0)
      for (const callback of onDrain) callback()
      onDrain.clear()
    },
    /** Ready is what can read and write the database, and was not told to stop. */
    async readiness(): Promise<Readiness> {
      const answers = draining
        ? false
        : await database.tryOut().then(
            () => true,
            () => false,
          )
      const ready = answers && prepared && !draining
      metrics.ready.set(ready ? 1 : 0)
      return {
        ready,
        checks: {
          database: answers ? 'ok' : 'unavailable',
          indexes: prepared ? 'ok' : 'pending',
          draining,
        },
      }
    },
  }
}
export type Health = ReturnType<typeof createHealth>
