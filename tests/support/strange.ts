import process from 'node:process'
import { strangeness } from '../../simulator/strangeness'
import type { SyncBench } from './sync'

/**
 * Whether each simulator of this run has one of these strange ways (SIMULATOR_STRANGE, the matrix of
 * `npm run test:soak -- strange`). A test whose claim one of them takes away names it.
 */
export const isStrange = (...names: (keyof typeof strangeness)[]): boolean =>
  names.some(name => name === process.env.SIMULATOR_STRANGE)

/** One input of a batch in ten is refused: nothing is sure to be written at the first attempt. */
export const refusesByChance = isStrange('partial_text', 'partial_object')

/** A run. Where the index lags it may see only a part: then another one once the index has caught up. */
export async function runUntilIndexed({ run, control }: SyncBench): Promise<void> {
  await run()
  if (!isStrange('uneven_lag')) return
  await control.set({ searchLagMs: 0 })
  await run()
  await control.set({ searchLagMs: strangeness.uneven_lag.searchLagMs })
}
