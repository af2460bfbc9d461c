import type { DealStage } from '../../../shared/leads/stages'
import { choseHere, choseThere } from './choices'
import { core, type DealDocument, type FieldRule, type LeadDocument, type ObjectType } from './core'
import type { HubspotObject } from './hubspot'
import { freshValue, mappedStages, meaning, pipelineId, stageIds, stages } from './rules'
import type { AnyRecord, Id } from './store'
import { nameOf, noteTieHere, nowOf, partnerId, tell, tieKey, type World } from './world'

/** What people do, here (`server/leads`) and in HubSpot. */

type Values = Record<string, string | null>
type Change = Partial<DealDocument> | Partial<LeadDocument>

export function pick<T>(all: readonly T[], number: number): T | undefined {
  return all.length === 0 ? undefined : all[number % all.length]
}

/** A new value, none, or one that stands on either side already. */
function newValue(world: World, rule: FieldRule, by: number, known: (string | null)[]) {
  const choice = by % 10
  if (choice === 0 && rule.kind !== 'email') return null
  if (choice <= 2 && rule.kind !== 'email') {
    const value = pick(known, by >>> 4) ?? null
    // A person here enters what the contract takes: HubSpot's own form is another.
    if (value === null || meaning(rule.kind, value) === value) return value
  }
  return freshValue(rule.kind, ++world.values)
}

/** Notes an edit of ours. @returns whether there is room for it */
export function edit(world: World, record: AnyRecord, name: string): boolean {
  const { lineage } = world
  const type = lineage.typeOf(record)
  const index = lineage.fields[type].findIndex(field => field.name === name)
  if (index < 0) return true
  const bit = lineage.newEdit(type, index)
  const sight = lineage.sightOf(record)
  sight.seen[index] = (sight.seen[index] ?? 0) | bit
  sight.setAt[index] = world.now
  return bit !== 0
}

/** @returns whether another lead has the address */
function isEmailTaken({ store }: World, email: string | null, self: Id | null): boolean {
  return (
    email !== null && store.leads.some(lead => lead.values.email === email && lead._id !== self)
  )
}

export function createHere(world: World, type: ObjectType, a: number, b: number): void {
  const { rules } = world.settings
  const now = nowOf(world)
  const values: Values = {}
  for (const [index, rule] of rules[type].entries())
    if (((a >>> index) & 3) !== 0 || index === 0)
      values[rule.field] = freshValue(rule.kind, ++world.values)
  if (type === 'contacts' && b % 5 === 0) delete values.email
  // The address of a contact that HubSpot has and we may not know.
  const known = pick(world.hubspot.living('contacts'), b >>> 3)?.properties.email?.toLowerCase()
  if (type === 'contacts' && b % 5 === 1 && known) values.email = known
  if (type === 'contacts') {
    if (!values.email && !values.firstName) values.firstName = freshValue('text', ++world.values)
    if (isEmailTaken(world, values.email ?? null, null)) return
  }
  const fields = Object.keys(values)
  const options = { isWritingBack: true, now }
  let record: AnyRecord
  if (type === 'contacts') {
    const blank = core.newLead(partnerId, values, now)
    record = core.createdHere(blank, { change: {}, fields, by: null }, options)
  } else {
    const lead = pick(world.store.leads, b >>> 2)
    const stage = b % 4 === 0 ? null : (pick(mappedStages, b >>> 5) ?? null)
    const lead_ids = lead && b % 3 !== 0 ? [lead._id] : []
    const change = { stage, lead_ids, associations_dirty: lead_ids.length > 0 }
    if (stage !== null) fields.push('stage')
    const blank = core.newDeal(partnerId, values, now)
    record = core.createdHere(blank, { change, fields, by: null }, options)
  }
  if (isAddressWaiting(world, record)) return
  for (const field of fields) edit(world, record, field)
  world.store.put(record)
  choseHere(world, null, record)
  if ('lead_ids' in record)
    for (const lead of record.lead_ids) noteTieHere(world, record._id, lead, true)
  tell(world, () => `${type} ${nameOf(record._id)} is created here ${JSON.stringify(values)}`)
}

function isAddressWaiting({ store }: World, record: AnyRecord): boolean {
  if (!('local_email' in record) || record.local_email === null) return false
  return store.leads.some(lead => lead.local_email === record.local_email)
}

export function editHere(world: World, type: ObjectType, a: number, b: number): void {
  const current = pick(world.store.records(type), a)
  if (!current) return
  const fields = world.lineage.fields[type]
  const index = b % fields.length
  const rule = world.settings.rules[type][index]
  const object = current.hubspot_id ? world.hubspot.exact(type, current.hubspot_id) : undefined
  const own: Values = { ...current.values }
  let name = 'stage'
  let change: Change = {}
  if (rule) {
    name = rule.field
    const base = current.base?.[rule.property] ?? null
    const value = newValue(world, rule, b >>> 3, [base, object?.properties[rule.property] ?? null])
    if (value === (own[name] ?? null)) return
    if (type === 'contacts' && name === 'email' && isEmailTaken(world, value, current._id)) return
    if (object && isHidden(world, object, index)) return
    change = { values: { ...current.values, [name]: value } } as Change
  } else if ('stage' in current) {
    const stage: DealStage | null = pick(mappedStages, b >>> 3) ?? null
    if (stage === current.stage || (object && isHidden(world, object, index))) return
    change = { stage }
  }
  if (!edit(world, current, name)) return
  const edited = { ...current, ...change } as AnyRecord
  tell(
    world,
    () =>
      `${type} ${nameOf(current._id)} is edited here: ${name} = ${String(valueOf(edited, name))}`,
  )
  storeEdit(world, current, change, [name])
}

/** A deal is tied to a lead here, or the tie is parted. */
export function tieHere(world: World, a: number, b: number): void {
  const deal = pick(world.store.deals, a)
  const lead = pick(world.store.leads, b)
  if (!deal || !lead) return
  const has = deal.lead_ids.includes(lead._id)
  const lead_ids = has ? deal.lead_ids.filter(id => id !== lead._id) : [...deal.lead_ids, lead._id]
  tell(
    world,
    () => `deal ${nameOf(deal._id)} ${has ? 'loses' : 'gets'} lead ${nameOf(lead._id)} here`,
  )
  storeEdit(world, deal, { lead_ids, associations_dirty: true, associations_stuck: false }, [])
  noteTieHere(world, deal._id, lead._id, !has)
  // HubSpot's word had arrived: ours is the last one, until HubSpot says something more.
  const [dealId, contactId] = [deal.hubspot_id ?? deal.create_intent?.object_id, lead.hubspot_id]
  const object = dealId && world.hubspot.exact('deals', dealId)
  if (!object || !contactId || world.pages.length > 0) return
  if (object.contacts.includes(contactId) === deal.hubspot_contact_ids.includes(contactId))
    world.tiedThere.delete(tieKey(object.id, contactId))
}

/** @param cause the operation that makes the change; absent where a person makes it by hand */
export function storeEdit(
  world: World,
  current: AnyRecord,
  change: Change,
  fields: string[],
  cause?: Id,
): void {
  const type = world.lineage.typeOf(current)
  const context = { rules: world.settings.rules[type], stages, now: nowOf(world) }
  const next = core.editedHere(current, change, fields, context, cause)
  world.store.put(next)
  world.lineage.edited(next)
}

/** A new edit of HubSpot's for each of these properties. */
function seenAfter(
  world: World,
  type: ObjectType,
  properties: Record<string, string>,
  object?: HubspotObject,
): number[] {
  return world.lineage.fields[type].map(({ index, property }) => {
    const seen = object?.seen[index] ?? 0
    return property in properties ? seen | world.lineage.newEdit(type, index) : seen
  })
}

export function createThere(world: World, type: ObjectType, a: number, b: number): void {
  const properties: Record<string, string> = {}
  for (const [index, rule] of world.settings.rules[type].entries())
    if (((a >>> index) & 3) !== 0 || index === 0)
      properties[rule.property] = toText(rule, freshValue(rule.kind, ++world.values))
  let contacts: string[] = []
  if (type === 'contacts') {
    const known = pick(world.store.leads, b >>> 3)?.values.email
    if (b % 5 === 1 && known) properties.email = known
    if (b % 5 === 0) delete properties.email
  } else {
    properties.pipeline = pipelineId
    properties.dealstage = pick(stageIds, b) ?? stageIds[0]
    const contact = pick(world.hubspot.living('contacts'), b >>> 2)
    if (contact && b % 3 !== 0) contacts = [contact.id]
  }
  if (properties.email && world.hubspot.ownerOf(properties.email, null)) return
  const seen = seenAfter(world, type, properties)
  const object = world.hubspot.create(type, { properties, seen }, world.now, { contacts })
  if (!('id' in object)) return
  choseThere(world, object, null)
  tell(
    world,
    () => `${type} ${object.id} is created in HubSpot ${JSON.stringify(object.properties)}`,
  )
}

export function editThere(world: World, type: ObjectType, a: number, b: number): void {
  const object = pick(world.hubspot.living(type), a)
  if (object) editObject(world, object, b)
}

/** Somebody edits an object in HubSpot. */
export function editObject(world: World, object: HubspotObject, b: number): void {
  const { type } = object
  const index = b % world.lineage.fields[type].length
  const rule = world.settings.rules[type][index]
  const property = rule?.property ?? 'dealstage'
  const record = world.store.of(type, object.id)
  const value = rule
    ? newValue(world, rule, b >>> 3, [
        (record?.values as Values | undefined)?.[rule.field] ?? null,
        record?.base?.[property] ?? null,
      ])
    : (pick(stageIds, b >>> 3) ?? null)
  const text = value === null ? '' : rule ? toText(rule, value) : value
  const before = object.properties[property] ?? null
  if (rule && meaning(rule.kind, text) === meaning(rule.kind, before)) return
  if (!rule && text === before) return
  if (property === 'email' && world.hubspot.ownerOf(text, object.id)) return
  if (isHidden(world, object, index)) return
  setThere(world, object, property, text)
}

/** Somebody sets a property in HubSpot. @param text as HubSpot holds it */
export function setThere(
  world: World,
  object: HubspotObject,
  property: string,
  text: string,
): void {
  const { type, id } = object
  // One instant holds one state of an object: the date of its change tells them apart.
  if (object.updatedAt >= world.now) world.now = object.updatedAt + 1
  const properties = { [property]: text }
  const seen = seenAfter(world, type, properties, object)
  tell(world, () => `${type} ${id} is edited in HubSpot: ${property} = ${text}`)
  const before = object.properties.interests
  world.hubspot.update(type, id, { properties, seen }, world.now)
  choseThere(world, object, before)
}

/**
 * Known gap: what a create made whose answer was lost is found by its address, its name or its tie,
 * and without these by its values. Who renames, merges, archives or unties it before it is looked for
 * hides it, and so does who edits its copy here. No history shows that.
 */
export function isUnknown({ store, late }: World, { type, origin }: HubspotObject): boolean {
  return (
    origin !== null &&
    (late.some(request => request.origin === origin) ||
      store
        .records(type)
        .some(({ _id, hubspot_id }) => hubspot_id === null && _id.toHexString() === origin))
  )
}

/** Whether an edit of this field would hide what a create made: its name, or all that it has. */
function isHidden(world: World, object: HubspotObject, index: number): boolean {
  const name = object.type === 'contacts' ? 'firstname' : 'dealname'
  return (index < 2 || !object.properties[name]) && isUnknown(world, object)
}

export function tieThere(world: World, a: number, b: number): void {
  const deal = pick(world.hubspot.living('deals'), a)
  const contact = pick(world.hubspot.living('contacts'), b)
  if (deal && contact) tieObjects(world, deal, contact)
}

export function tieObjects(world: World, deal: HubspotObject, contact: HubspotObject): void {
  const has = deal.contacts.includes(contact.id)
  // What a create made may be found by its ties.
  if (has && isUnknown(world, deal)) return
  tell(world, () => `deal ${deal.id} ${has ? 'loses' : 'gets'} contact ${contact.id} in HubSpot`)
  world.hubspot.associate(deal, contact.id, has)
  world.tiedThere.set(tieKey(deal.id, contact.id), !has)
}

/** What a person enters in HubSpot, in the text that HubSpot holds. */
export function toText(rule: FieldRule, value: string): string {
  return rule.type === 'datetime' ? `${value}T00:00:00.000Z` : value
}

function valueOf(record: AnyRecord, name: string): string | null {
  if (name === 'stage') return 'stage' in record ? record.stage : null
  return (record.values as Values)[name] ?? null
}
