import type { Connection } from '#shared/contracts/connection'
import type { Run } from '#shared/contracts/runs'
import { isActive } from './run-progress'

export interface RunFollowerOptions {
  /** Shared by all pages; kept up to date here */
  connection: { value: Connection | null }
  /** Asks for one run; `null` when that fails */
  ask: (id: string) => Promise<Run | null>
  /**
   * Called once for each run that ends while one looks, also for one that began and ended between
   * two looks of the server
   */
  finished?: (run: Run) => void
  progressed?: (run: Run) => void
}

/**
 * What the live stream tells, made into what a page wants to know. The first run that is told may
 * have ended before one looked, and is no news then.
 */
export function createRunFollower({ connection, ask, finished, progressed }: RunFollowerOptions) {
  const ended = new Set<string>()
  let isNews = false

  function takeRun(run: Run): void {
    const before = connection.value?.currentRun
    const wasActive = before?.id === run.id && isActive(before)
    const tell = isNews || wasActive
    isNews = true
    if (ended.has(run.id)) return
    if (isActive(run)) {
      if (connection.value) connection.value = { ...connection.value, currentRun: run }
      progressed?.(run)
      return
    }
    ended.add(run.id)
    if (wasActive && connection.value) connection.value = { ...connection.value, currentRun: null }
    if (tell) finished?.(run)
  }

  function takeConnection(next: Connection): void {
    const before = connection.value?.currentRun
    connection.value = next
    if (before && isActive(before) && next.currentRun?.id !== before.id && !ended.has(before.id)) {
      ended.add(before.id)
      void tellHowItEnded(before)
    }
  }

  /** The run ended between two looks: how, and with which counts, only its own answer says. */
  async function tellHowItEnded(last: Run): Promise<void> {
    const run = await ask(last.id)
    finished?.(run && !isActive(run) ? run : { ...last, status: 'cancelled' })
  }

  return { takeRun, takeConnection }
}
