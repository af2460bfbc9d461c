import type { Collections } from '../../database/collections'
import { createAccept, type AcceptDeps } from './accept'
import { createHandle, type HandleDeps } from './handle'
import { createPrivacyDeletions, type PrivacyDeletionsDeps } from './privacy-deletions'
import { createEventStore } from './repository'

export interface WebhooksDeps
  extends
    Omit<AcceptDeps & HandleDeps, 'store' | 'privacyDeletions'>,
    Omit<PrivacyDeletionsDeps, 'store'> {
  collections: Collections
}

/** HubSpot's webhooks: stored when they arrive, handled by the partner's runs. */
export function createWebhooks(deps: WebhooksDeps) {
  const store = createEventStore(deps)
  const parts = { ...deps, store, privacyDeletions: createPrivacyDeletions({ ...deps, store }) }
  return {
    ...createAccept(parts),
    ...createHandle(parts),
    purge: store.purge,
    waitingPartners: store.waitingPartners,
  }
}
export type Webhooks = ReturnType<typeof createWebhooks>
