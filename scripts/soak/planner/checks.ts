import { checkChoices } from './choices'
import type { DealDocument, LeadDocument, ObjectType } from './core'
import type { HubspotObject } from './hubspot'
import { isLeftAlone, Violation } from './fields'
import type { AnyRecord } from './store'
import { nameOf, tieKey, type World } from './world'

/** Both sides agree, and nothing is twice. */
export function checkEnd(world: World): void {
  const { hubspot, store } = world
  for (const type of ['contacts', 'deals'] as const) {
    const linked = new Map<string, AnyRecord>()
    for (const record of store.records(type)) {
      const { hubspot_id: id } = record
      if (id === null) checkUnlinked(record)
      else {
        if (linked.has(id)) fail(record, `is the second record of ${type} ${id}`)
        linked.set(id, record)
        const object = hubspot.exact(type, id)
        const isLive = object !== undefined && hubspot.isLive(object)
        if (isLive !== (record.archived_at === null))
          fail(record, `${isLive ? 'is archived here only' : 'lives here only'} (${type} ${id})`)
        if (record.archived_at !== null && (record.dirty || record.sync.state !== 'unlinked'))
          fail(record, 'is archived and waits to be written')
      }
    }
    for (const object of hubspot.living(type)) {
      const record = linked.get(object.id)
      if (!record) throw new Violation(`${type} ${object.id} never arrived`)
      checkPair(world, type, record, object)
    }
  }
  if (!world.areTiesMoved) checkLastWords(world)
}

/** A tie that only one side ever spoke of stands as it said last. */
function checkLastWords({ store, tiedHere, tiedThere }: World): void {
  for (const { deal: dealId, lead: leadId, isTied } of tiedHere.values()) {
    const [deal, lead] = [store.byId(dealId), store.byId(leadId)]
    if (!deal || !('lead_ids' in deal) || !lead?.hubspot_id || !deal.hubspot_id) continue
    if (tiedThere.has(tieKey(deal.hubspot_id, lead.hubspot_id))) continue
    if (deal.lead_ids.includes(leadId) !== isTied)
      fail(deal, `lost the last word on its tie with lead ${nameOf(leadId)}: ${isTied}`)
  }
  for (const [key, isTied] of tiedThere) {
    const [dealId = '', contactId = ''] = key.split(':')
    const [deal, lead] = [store.of('deals', dealId), store.leadOf(contactId)]
    if (!deal || !('lead_ids' in deal) || !lead) continue
    if (tiedHere.has(tieKey(deal._id.toHexString(), lead._id.toHexString()))) continue
    if (deal.lead_ids.includes(lead._id) !== isTied)
      fail(deal, `lost HubSpot's last word on its tie with contact ${contactId}: ${isTied}`)
  }
}

/** A record without a HubSpot object stays only where HubSpot refused it, or it was archived. */
function checkUnlinked(record: AnyRecord): void {
  if (record.archived_at === null && record.sync.state !== 'failed')
    fail(record, `was never created in HubSpot (${record.sync.state}, dirty ${record.dirty})`)
}

function checkPair(world: World, type: ObjectType, record: AnyRecord, object: HubspotObject): void {
  const sight = world.lineage.sightOf(record)
  // What HubSpot refuses stays as it is until somebody changes something.
  const isRefused = record.sync.state === 'failed'
  for (const field of world.lineage.fields[type]) {
    const [ours, theirs] = [field.ours(record), field.theirs(object.properties)]
    if (ours === theirs || isRefused) continue
    const base = sight.base[field.index] ?? null
    // One-way fields keep a side's own edit until the other side moves.
    if (field.direction === 'in' && theirs === base) continue
    if (field.direction === 'out' && ours === base) continue
    if (field.policy === 'fill_if_empty' && isLeftAlone(field, { ours, theirs, base })) continue
    if (field.name === 'stage' && theirs === null && ours === base) continue
    fail(record, `${field.name} is ${String(ours)} here and ${String(theirs)} in HubSpot`)
  }
  if (!isRefused) checkChoices(world, record, object)
  if (isRefused) {
    if (!record.dirty || record.sync.error === null) fail(record, 'failed without a reason')
    return
  }
  if (record.dirty || record.sync.state !== 'in_sync')
    fail(record, `is not settled (${record.sync.state}, dirty ${record.dirty})`)
  if (record.sync.error !== null || record.sync.attempts !== 0 || record.sync.next_try_at !== null)
    fail(record, 'is in sync and remembers a failure')
  if (record.create_intent !== null) fail(record, 'is linked and still remembers its create')
  if ('lead_ids' in record) checkTies(world, record, object)
  else checkLead(record)
}

function checkLead(lead: LeadDocument): void {
  if (lead.local_email !== null) fail(lead, 'is linked and still waits for a contact by address')
}

function checkTies({ store, hubspot }: World, deal: DealDocument, object: HubspotObject): void {
  const there = object.contacts.filter(id => {
    const contact = hubspot.exact('contacts', id)
    return contact !== undefined && hubspot.isLive(contact)
  })
  const here = deal.lead_ids.flatMap(id => {
    const lead = store.byId(id)
    if (!lead) fail(deal, `is tied to a lead that is gone: ${nameOf(id)}`)
    // A lead that HubSpot does not have (any more) waits with its tie.
    if (lead.hubspot_id === null || lead.archived_at !== null) return []
    return [lead.hubspot_id]
  })
  if (here.sort().join() !== there.sort().join())
    fail(deal, `has contacts ${here.join()} here and ${there.join()} in HubSpot`)
}

function fail(record: AnyRecord, why: string): never {
  throw new Violation(`${'lead_ids' in record ? 'deal' : 'lead'} ${nameOf(record._id)} ${why}`)
}
