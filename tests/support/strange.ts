import process from 'node:process'
import type { strangeness } from '../../simulator/strangeness'

/**
 * Whether each simulator of this run has one of these strange ways (SIMULATOR_STRANGE, the matrix of
 * `npm run test:soak -- strange`). A test whose claim one of them takes away names it.
 */
export const isStrange = (...names: (keyof typeof strangeness)[]): boolean =>
  names.some(name => name === process.env.SIMULATOR_STRANGE)

/** One input of a batch in ten is refused: nothing is sure to be written at the first attempt. */
export const refusesByChance = isStrange('partial_text', 'partial_object')
