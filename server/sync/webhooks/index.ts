import type { Collections } from '../../database/collections'
import { createAccept, type AcceptDeps } from './accept'
import { createHandle, type HandleDeps } from './handle'
import { createEventStore } from './repository'

export interface WebhooksDeps extends Omit<AcceptDeps & HandleDeps, 'store'> {
  collections: Collections
}

/** HubSpot's webhooks: stored when they arrive, handled by the partner's runs. */
export function createWebhooks(deps: WebhooksDeps) {
  const store = createEventStore(deps)
  return {
    accept: createAccept({ ...deps, store }),
    ...createHandle({ ...deps, store }),
    purge: store.purge,
    waitingPartners: store.waitingPartners,
  }
}
export type Webhooks = ReturnType<typeof createWebhooks>
