import type { SimulatorSettings } from './settings'

/**
 * Ways in which the real HubSpot is strange, each by its name; SIMULATOR_STRANGE switches one on at
 * the start (docs/hubspot-platform.md#strangeness has the sources).
 */
export const strangeness = {
  real: { latencyProfile: 'real' },
  opaque_cursors: { opaqueCursors: true },
  partial_text: {
    batchRefusals: { percent: 10, category: 'RATE_LIMITS', subCategory: 'text' },
  },
  partial_object: {
    batchRefusals: { percent: 10, category: 'VALIDATION_ERROR', subCategory: 'object' },
  },
  batch_status: { batchStatus: 'PROCESSING' },
  association_pages: { associationPageSize: 1 },
  close_date: { setsCloseDate: true },
  uneven_lag: { searchLagMs: 300, searchLagUneven: true },
  other_app: { otherAppSearchesPerSecond: 3 },
  rotated_tokens: { refreshTokenMode: 'rotate_and_invalidate' },
} as const satisfies Record<string, Partial<SimulatorSettings>>

/** The settings of the strangeness that the environment names, none of them otherwise. */
export function strangenessOf(name: string | undefined): Partial<SimulatorSettings> {
  if (!name) return {}
  if (!(name in strangeness)) throw new Error(`There is no strangeness ${name}`)
  return strangeness[name as keyof typeof strangeness]
}

/**
 * How long an answer takes, ms: 200 to 800 as observed, with a long tail.
 * @param random in [0, 1)
 */
export function realLatency(random: number): number {
  return random < 0.97 ? 200 + Math.round((random / 0.97) * 600) : 800 + (random - 0.97) * 70_000
}
