import type { Id } from './store'
import { nowOf, type World } from './world'

/** The ties between deals and leads, as `server/sync/inbound/links` keeps them. */

export function resolveDeals(
  world: World,
  contactId: string,
  leadId: Id,
  isArrived: boolean,
): void {
  for (const deal of world.store.deals)
    if (
      deal.hubspot_contact_ids.includes(contactId) &&
      !deal.lead_ids.includes(leadId) &&
      (!deal.associations_dirty || isArrived)
    )
      world.store.put({ ...deal, lead_ids: [...deal.lead_ids, leadId], updated_at: nowOf(world) })
}

export function wakeDeals(world: World, leadId: Id): void {
  for (const deal of world.store.deals)
    if (
      deal.lead_ids.includes(leadId) &&
      deal.associations_dirty &&
      deal.archived_at === null &&
      deal.sync.state !== 'failed'
    )
      world.store.put({
        ...deal,
        dirty: true,
        associations_stuck: false,
        sync: { ...deal.sync, next_try_at: null },
      })
}

/** Deals of these leads are deals of that one. */
export function moveDeals(world: World, from: readonly Id[], to: Id): void {
  for (const deal of world.store.deals)
    if (deal.lead_ids.some(id => from.includes(id)))
      world.store.put({
        ...deal,
        lead_ids: [...new Set(deal.lead_ids.map(id => (from.includes(id) ? to : id)))],
        associations_stuck: false,
        sync: { ...deal.sync, next_try_at: null },
      })
}
