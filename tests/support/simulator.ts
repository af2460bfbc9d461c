import { createSimulator, type Simulator } from '../../simulator/index'
import type { SimulatorOptions } from '../../simulator/settings'

/**
 * A simulator of the test's own, in this process, on a free loopback port. It refuses what HubSpot
 * would ignore in silence. Stop it when the test ends.
 */
export function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return createSimulator({
    ...options,
    settings: { strictBodies: true, ...options.settings },
  })
}
