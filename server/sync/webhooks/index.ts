import type { Collections } from '../../database/collections'
import { createAccept, type AcceptDeps } from './accept'
import { createHandle, type HandleDeps } from './handle'
import { createProbe } from './probe'
import { createProbeRepository } from './probe-repository'
import { createPrivacyDeletions, type PrivacyDeletionsDeps } from './privacy-deletions'
import { createEventStore } from './repository'

export interface WebhooksDeps
  extends
    Omit<AcceptDeps & HandleDeps, 'store' | 'privacyDeletions' | 'probes'>,
    Omit<PrivacyDeletionsDeps, 'store'> {
  collections: Collections
  /** For deliveries that the installation sends to itself */
  fetch: typeof globalThis.fetch
}

/** HubSpot's webhooks: stored when they arrive, handled by the partner's runs. */
export function createWebhooks(deps: WebhooksDeps) {
  const store = createEventStore(deps)
  const probes = createProbeRepository(deps.collections)
  const parts = {
    ...deps,
    store,
    probes,
    privacyDeletions: createPrivacyDeletions({ ...deps, store }),
  }
  return {
    ...createAccept(parts),
    ...createHandle(parts),
    probe: createProbe({ ...deps, probes }),
    latest: store.latest,
    countPending: store.countPending,
    purge: store.purge,
    waitingPartners: store.waitingPartners,
  }
}
export type Webhooks = ReturnType<typeof createWebhooks>
