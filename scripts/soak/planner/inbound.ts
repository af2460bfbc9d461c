import { core, type CrmObject, type DealDocument, type LeadDocument, type ObjectType } from './core'
import type { Arrival } from './hubspot'
import { merged } from './merges'
import { stages } from './rules'
import { outsideOf } from './scope'
import type { AnyRecord } from './store'
import { resolveDeals, wakeDeals } from './ties'
import { nowOf, target, tell, wire, type World } from './world'

/** What arrives from HubSpot, as `server/sync/inbound` and `server/sync/readers` bring it in. */

/** @returns ids that the page leaves to a read by id */
export function applyPage(
  world: World,
  type: ObjectType,
  arrivals: readonly Arrival[],
  leave?: 'not_live' | 'archived',
): string[] {
  const latest = core.latestOfEach(arrivals)
  const left: string[] = []
  followMerges(world, type, latest)
  for (const arrival of latest) {
    if (core.isLeft(leave, world.store.of(type, arrival.id))) left.push(arrival.id)
    else if (type === 'contacts') applyContact(world, arrival)
    else applyDeal(world, arrival)
  }
  return left
}

function followMerges(world: World, type: ObjectType, records: readonly Arrival[]): void {
  for (const record of records) {
    const losers = core.mergedIdsOf(record)
    if (losers.some(id => world.store.of(type, id)))
      merged(world, type, record.id, losers, record.updatedAt)
  }
}

/** Plans an arrival and, where the latest edit wins, once more with when HubSpot set the value. */
function timed<P extends { reports: { conflict: boolean; rule: string; decision: string }[] }>(
  world: World,
  type: ObjectType,
  arrival: Arrival,
  plan: (arrival: Arrival) => P,
): P {
  const planned = plan(arrival)
  const isOpen = planned.reports.some(
    ({ conflict, rule, decision }) =>
      conflict && rule === 'latest_wins' && decision === 'took_hubspot',
  )
  if (!isOpen || !world.hubspot.exact(type, arrival.id)) return planned
  // When what arrives was set, whatever was set since
  return plan({ ...arrival, changedAt: timesOf(world, type, arrival.setAt) })
}

/** When HubSpot set each value of an object. @param setAt by rule, epoch milliseconds */
export function timesOf(
  { settings }: World,
  type: ObjectType,
  setAt: readonly number[] = [],
): Record<string, string> {
  return Object.fromEntries(
    settings.rules[type].map(({ property }, index) => [
      property,
      new Date(setAt[index] ?? 0).toISOString(),
    ]),
  )
}

function applyContact(world: World, arrival: Arrival): void {
  const { store, lineage } = world
  const linked = store.leadOf(arrival.id)
  if (isStopped(world, linked, 'contacts', arrival)) return
  const email = arrival.properties.email?.trim().toLowerCase()
  const stored = linked ?? (email ? freeLead(world, email) : undefined)
  const context = { rules: world.settings.rules.contacts, now: nowOf(world) }
  const { next, action } = timed(world, 'contacts', arrival, record =>
    core.planLead(stored, begun(world, 'contacts', record), target, context),
  )
  if (action !== 'none') {
    store.put(inboundOnly(stored, next))
    lineage.arrived(stored, next, arrival)
  }
  tell(world, () => `  contact ${arrival.id} arrives: ${action} ${told(next)}`)
  resolveDeals(world, arrival.id, next._id, !stored || !core.isKnownAs(stored, arrival.id))
  if (stored && (stored.hubspot_id !== arrival.id || stored.archived_at !== null))
    wakeDeals(world, next._id)
}

/** @returns whether the object is outside of what is synced: what is linked to it stops */
function isStopped(
  world: World,
  stored: AnyRecord | undefined,
  type: ObjectType,
  arrival: Arrival,
): boolean {
  const outside = outsideOf(world, type, arrival)
  if (!outside) return false
  tell(world, () => `  ${type} ${arrival.id} arrives and is outside: ${outside.rule}`)
  if (!stored) return true
  const { next, action } = core.planOutside(stored, wire(arrival), outside, nowOf(world))
  if (action !== 'none') world.store.put(inboundOnly(stored, next))
  if (type === 'contacts' && stored.archived_at !== null) wakeDeals(world, next._id)
  return true
}

/** A lead with this address that is not linked, else one whose object is gone. */
function freeLead({ store }: World, email: string): LeadDocument | undefined {
  const known = store.leads.filter(lead => lead.values.email === email)
  return (
    known.find(lead => lead.hubspot_id === null) ??
    known
      .filter(lead => lead.archived_at !== null)
      .sort((one, other) => other.updated_at.getTime() - one.updated_at.getTime())[0]
  )
}

function applyDeal(world: World, arrival: Arrival): void {
  const { store, lineage } = world
  const stored = store.of('deals', arrival.id) as DealDocument | undefined
  if (isStopped(world, stored, 'deals', arrival)) return
  const contactIds = [
    ...(stored?.hubspot_contact_ids ?? []),
    ...(arrival.associations?.contacts ?? []),
  ]
  const leads = new Map(
    contactIds.flatMap(id => {
      const lead = store.leadOf(id)
      return lead ? [[id, lead._id] as const] : []
    }),
  )
  const context = { rules: world.settings.rules.deals, stages, now: nowOf(world) }
  const { next, action } = timed(world, 'deals', arrival, record =>
    core.planDeal(
      stored,
      wire(record),
      target,
      { remote: record.associations?.contacts, readAt: record.associationsReadAt, leads },
      context,
    ),
  )
  if (action !== 'none') {
    store.put(inboundOnly(stored, next))
    lineage.arrived(stored, next, arrival)
  }
  tell(world, () => `  deal ${arrival.id} arrives: ${action} ${told(next)}`)
}

/** What production is told about an object, with what it began with. */
export function begun({ hubspot }: World, type: ObjectType, arrival: Arrival): CrmObject {
  return wire(arrival, hubspot.exact(type, arrival.id)?.initial)
}

/** Arrivals leave the local side's own marks alone. */
function inboundOnly<D extends AnyRecord>(stored: D | undefined, next: D): D {
  return stored ? { ...next, changed_at: stored.changed_at, created_at: stored.created_at } : next
}

/** HubSpot has these no more: ours stay, unlinked. */
export function archive(world: World, type: ObjectType, ids: readonly string[]): void {
  const now = nowOf(world)
  for (const id of ids) {
    const record = world.store.of(type, id)
    if (!record || record.archived_at !== null) continue
    tell(world, () => `  ${type} ${id} is archived here`)
    const archived = core.withState(
      {
        ...record,
        archived_at: now,
        sync: { ...record.sync, last_in_at: now },
        updated_at: now,
      },
      core.archivedInHubspot,
    )
    world.store.put(core.remember(archived, [{ at: now, side: 'hubspot', kind: 'archived' }]))
  }
}

function told(record: AnyRecord): string {
  return JSON.stringify({
    values: Object.fromEntries(Object.entries(record.values).filter(([, value]) => value !== null)),
    ...('stage' in record ? { stage: record.stage, leads: record.lead_ids.length } : {}),
    dirty: record.dirty,
  })
}
