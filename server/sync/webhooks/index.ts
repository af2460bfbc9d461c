import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import { createAccept, type AcceptDeps } from './accept'
import { createHandle, type HandleDeps } from './handle'
import { createEventStore } from './store'

export type WebhooksDeps = Omit<AcceptDeps & HandleDeps, 'store'> & { collections: Collections }

/** HubSpot's webhooks: stored when they arrive, handled by the partner's runs. */
export function createWebhooks(deps: WebhooksDeps) {
  const store = createEventStore(deps)

  /**
   * A privacy deletion does not wait for an admin: where no run will come (sync paused, grant gone)
   * it is carried out at once. It needs no call to HubSpot.
   */
  async function eraseWithoutRun(partnerId: ObjectId): Promise<void> {
    const waiting = await store.erasuresWithoutRun(partnerId)
    if (waiting === null) return
    const { portalId, contactIds, ids } = waiting
    await deps.inbound.erase({ partnerId, portalId, contactIds })
    await store.markDone(ids)
  }

  return {
    accept: createAccept({
      ...deps,
      store,
      async arrived(partnerId) {
        await eraseWithoutRun(partnerId)
        await deps.arrived(partnerId)
      },
    }),
    handleInbox: createHandle({ ...deps, store }),
    purge: store.purge,
    waitingPartners: store.waitingPartners,
  }
}
export type Webhooks = ReturnType<typeof createWebhooks>
