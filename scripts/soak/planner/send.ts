import { writeChoices } from './choices'
import type { ObjectType } from './core'
import { isUnlinked } from './outbox'
import { made, nameOf, tell, type Flight, type Sending, type World } from './world'

/** A contact needs one of these (docs/hubspot-platform.md#writes). */
const contactNames = ['email', 'firstname', 'lastname']

/** HubSpot does what was sent. */
export function send(world: World, flight: Flight): void {
  // What was read at this instant was read before.
  world.now += 1
  flight.creates = flight.creates.filter(({ write }) => isUnlinked(world, write))
  for (const sending of flight.creates) sendCreate(world, flight.type, sending)
  for (const sending of flight.updates) sendUpdate(world, flight, sending)
  flight.phase = 'sent'
}

export function sendCreate(world: World, type: ObjectType, sending: Sending): void {
  const { hubspot, lineage } = world
  const { write, sight } = sending
  const contacts = write.associations.add.filter(id => isThere(world, id))
  if (contacts.length < write.associations.add.length) {
    sending.answer = { refused: 'gone' }
    return
  }
  if (type === 'contacts' && !contactNames.some(name => write.properties[name])) {
    sending.answer = { refused: 'nameless' }
    return
  }
  const origin = write.record._id.toHexString()
  // A deal without a stage of ours starts in the first of HubSpot's: nobody edited it here.
  const stage = world.settings.rules.deals.length
  if (type === 'deals' && !sight.seen[stage]) sight.seen[stage] = lineage.newEdit('deals', stage)
  const created = hubspot.create(
    type,
    { properties: write.properties, seen: sight.seen },
    world.now,
    { contacts, origin },
  )
  if ('existing' in created) {
    sending.answer = created
    return
  }
  tell(world, () => `  HubSpot makes ${type} ${created.id} for ${nameOf(write.record._id)}`)
  made(world, origin, created.id)
  lineage.writing(type, created, write.properties, sight, world.now)
  sending.answer = { ok: hubspot.read(created, world.now) }
}

export function isThere({ hubspot }: World, contactId: string): boolean {
  const contact = hubspot.exact('contacts', contactId)
  return contact !== undefined && hubspot.isLive(contact)
}

function sendUpdate(world: World, { type, lookedAt }: Flight, sending: Sending): void {
  const { hubspot, lineage } = world
  const { write, sight } = sending
  const id = write.record.hubspot_id ?? ''
  const object = hubspot.exact(type, id)
  const { add, remove } = write.associations
  const isEmpty = Object.keys(write.properties).length === 0
  if (!object || !hubspot.isLive(object)) {
    sending.answer = { refused: 'gone' }
    return
  }
  if (!isEmpty) {
    const { email } = write.properties
    if (email && hubspot.ownerOf(email, id)) {
      sending.answer = { refused: 'email_taken' }
      return
    }
    lineage.writing(type, object, write.properties, sight, lookedAt)
    writeChoices(world, object, {
      properties: write.properties,
      id: write.record._id,
      lookedAt,
    })
    hubspot.update(type, id, { properties: write.properties, seen: sight.seen }, world.now)
  }
  if (add.some(contactId => !isThere(world, contactId))) {
    sending.answer = { refused: 'gone' }
    return
  }
  for (const contactId of add) hubspot.associate(object, contactId, false)
  for (const contactId of remove) hubspot.associate(object, contactId, true)
  tell(world, () => `  HubSpot takes ${type} ${id} ${JSON.stringify(write.properties)}`)
  const answer = hubspot.read(object, world.now)
  const stood = write.record.hubspot_modified_at ?? write.record.updated_at
  sending.answer = {
    ok: isEmpty ? { ...answer, properties: {}, updatedAt: stood.toISOString() } : answer,
  }
}
