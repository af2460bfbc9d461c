import { core, type DealDocument, type ObjectType } from './core'
import type { AnyRecord } from './store'
import { moveDeals, wakeDeals } from './ties'
import { nowOf, tell, type World } from './world'

/** Records were merged in HubSpot: links move to the surviving one, and two of ours become one. */
export function merged(
  world: World,
  type: ObjectType,
  winnerId: string,
  loserIds: readonly string[],
  survivedAt: string | undefined,
): void {
  const { store } = world
  const losers = loserIds.filter(id => id !== winnerId)
  if (losers.length === 0) return
  const order = [winnerId, ...losers]
  const place = ({ hubspot_id }: AnyRecord) => order.indexOf(hubspot_id ?? '')
  const [keeper, ...others] = store
    .records(type)
    .filter(record => place(record) >= 0)
    .sort((one, other) => place(one) - place(other))
  tell(world, () => `  ${type} ${losers.join()} merged into ${winnerId} here`)
  if (type === 'contacts')
    for (const deal of store.deals)
      if (deal.hubspot_contact_ids.some(id => losers.includes(id)))
        store.put({
          ...deal,
          hubspot_contact_ids: [
            ...new Set(deal.hubspot_contact_ids.map(id => (losers.includes(id) ? winnerId : id))),
          ].sort(),
        })
  if (!keeper) return
  const wasAt = keeper.hubspot_id
  const kept = others.length > 0 ? takeIn(world, keeper, others) : keeper
  if (others.length === 0 && wasAt === winnerId) return
  const now = nowOf(world)
  const before = survivedAt === undefined ? null : new Date(Date.parse(survivedAt) - 1)
  const moved =
    wasAt === winnerId
      ? kept
      : {
          ...kept,
          hubspot_id: winnerId,
          hubspot_modified_at: before,
          hubspot_seen_at: before,
          sending: null,
          archived_at: null,
          updated_at: now,
        }
  store.put(core.remember(moved, [{ at: now, side: 'hubspot', kind: 'merged' }]))
  if (type === 'contacts') wakeDeals(world, keeper._id)
}

/** The others' edits and ties go over to the keeper, and they go. */
function takeIn(world: World, keeper: AnyRecord, others: readonly AnyRecord[]): AnyRecord {
  const { store, lineage, settings } = world
  const rules = { lead: settings.rules.contacts, deal: settings.rules.deals }
  let next = keeper
  next = core.carryEdits(keeper, others, rules, nowOf(world)) ?? keeper
  if (next !== keeper) store.put(next)
  lineage.carried(keeper, next, others)
  if ('lead_ids' in next) {
    const deals = others as DealDocument[]
    next = {
      ...next,
      lead_ids: [...new Set([...next.lead_ids, ...deals.flatMap(deal => deal.lead_ids)])],
      hubspot_contact_ids: [
        ...new Set([
          ...next.hubspot_contact_ids,
          ...deals.flatMap(deal => deal.hubspot_contact_ids),
        ]),
      ],
    }
    if (deals.some(deal => deal.associations_dirty))
      next = {
        ...next,
        associations_dirty: true,
        associations_stuck: false,
        dirty: next.archived_at === null,
        sync: { ...next.sync, next_try_at: null },
      }
    store.put(next)
  } else
    moveDeals(
      world,
      others.map(other => other._id),
      next._id,
    )
  for (const other of others) {
    store.remove(other._id)
    lineage.forget(other._id)
  }
  return store.byId(keeper._id) ?? next
}
