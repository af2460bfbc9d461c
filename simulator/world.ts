import type { CallLog } from './calls'
import type { SimulatorClock } from './clock'
import type { Faults } from './faults'
import type { Limits } from './limits'
import type { Grants } from './oauth/grants'
import type { AppConfiguration, SimulatorSettings } from './settings'
import type { Portal } from './store/portal'
import type { Journal } from './webhooks/journal'
import type { WebhookSender } from './webhooks/sender'

/** All of the simulator's state. In memory only. */
export interface World {
  app: AppConfiguration
  settings: SimulatorSettings
  clock: SimulatorClock
  random: () => number
  portals: Map<number, Portal>
  grants: Grants
  limits: Limits
  faults: Faults
  calls: CallLog
  webhooks: WebhookSender
  journal: Journal
  /** Where it listens, without a slash at the end */
  url(): string
}
