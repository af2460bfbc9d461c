import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { Permission } from '../permission'
import { createAccept, type AcceptDeps } from './accept'
import { createHandle, type HandleDeps } from './handle'
import { createEventStore } from './store'

export interface WebhooksDeps extends Omit<AcceptDeps & HandleDeps, 'store'> {
  collections: Collections
  permission: Pick<Permission, 'portalWithoutRuns'>
}

/** HubSpot's webhooks: stored when they arrive, handled by the partner's runs. */
export function createWebhooks(deps: WebhooksDeps) {
  const store = createEventStore(deps)

  /**
   * A privacy deletion does not wait for an admin: where no run will come (sync paused, grant gone)
   * it is carried out at once. It needs no call to HubSpot.
   */
  async function eraseWithoutRun(partnerId: ObjectId): Promise<void> {
    const portalId = await deps.permission.portalWithoutRuns(partnerId)
    if (portalId === null) return
    const waiting = await store.waitingErasures({ partnerId, portalId })
    if (waiting === null) return
    await deps.inbound.erase({ partnerId, portalId, contactIds: waiting.contactIds })
    await store.markDone(waiting.ids)
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
