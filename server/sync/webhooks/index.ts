import type { ObjectId } from 'mongodb'
import type { Inbound } from '../inbound/apply'
import { createDrain, type DrainDeps } from './handle'
import { createInbox, type InboxDeps } from './accept'

export type { Accepted, Delivery } from './accept'

/** HubSpot's webhooks: taken in durably, worked off by the partner's runs. */
export function createWebhooks(deps: InboxDeps & DrainDeps & { inbound: Inbound }) {
  const { collections, clock, inbound } = deps

  /**
   * A person's wish to be forgotten does not wait for an admin: where no run will come (sync
   * paused, grant gone) it is carried out at once. It needs nothing of HubSpot.
   */
  async function eraseWithoutRun(partnerId: ObjectId): Promise<void> {
    const partner = await collections.partners.findOne(
      { _id: partnerId },
      {
        projection: {
          'hubspot_integration.paused': 1,
          'hubspot_integration.status': 1,
          'hubspot_integration.portal_id': 1,
        },
      },
    )
    const integration = partner?.hubspot_integration
    if (!integration?.portal_id || !(integration.paused || integration.status === 'revoked')) return
    const events = await collections.webhookEvents
      .find({
        portal_id: integration.portal_id,
        status: 'pending',
        partner_id: partnerId,
        subscription_type: 'contact.privacyDeletion',
      })
      .toArray()
    if (events.length === 0) return
    await inbound.erase({
      partnerId,
      portalId: integration.portal_id,
      contactIds: [...new Set(events.map(event => event.object_id))],
    })
    await collections.webhookEvents.updateMany(
      { _id: { $in: events.map(event => event._id) } },
      { $set: { status: 'done', processed_at: clock() } },
    )
  }

  const inbox = createInbox({
    ...deps,
    async arrived(partnerId) {
      await eraseWithoutRun(partnerId)
      await deps.arrived(partnerId)
    },
  })
  const { drain, purge } = createDrain(deps)
  return {
    accept: inbox.accept,
    drain,
    purge,
    /**
     * Partners with events that wait longer than `olderThan`: their trigger got lost with its
     * process.
     */
    async waiting(olderThan: Date): Promise<ObjectId[]> {
      const events = await collections.webhookEvents
        .find(
          { status: 'pending', received_at: { $lt: olderThan } },
          { projection: { partner_id: 1 }, sort: { received_at: 1 }, limit: 1000 },
        )
        .toArray()
      return [
        ...new Map(
          events.map(event => [event.partner_id.toHexString(), event.partner_id]),
        ).values(),
      ]
    },
  }
}
export type Webhooks = ReturnType<typeof createWebhooks>
