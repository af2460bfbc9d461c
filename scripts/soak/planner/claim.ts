import { core, type ObjectType } from './core'
import { findMade } from './find-made'
import type { Arrival } from './hubspot'
import { applyPage, archive } from './inbound'
import type { Sight } from './fields'
import { contactsOf, isUnlinked, markFailed, release, settleEmpty } from './outbox'
import { firstStage, stages } from './rules'
import { isLeftOut, leaveOut, outsideOf, outsideOfWrite } from './scope'
import { link } from './settle'
import {
  nameOf,
  nowOf,
  portalId,
  tell,
  wire,
  type AnyWrite,
  type Flight,
  type Sending,
  type World,
} from './world'

/** What is to be written, and what HubSpot has by then, as `server/sync/outbound` works it out. */

const waitForLeadsMs = 5 * 60_000

/** Takes what is to be written. @returns whether anything is */
export function claim(world: World, type: ObjectType): boolean {
  const { store, lineage } = world
  const now = nowOf(world)
  const flight: Flight = { type, phase: 'claimed', creates: [], updates: [], lookedAt: 0 }
  for (const record of [...store.records(type)]) {
    const { next_try_at: nextTry } = record.sync
    if (!record.dirty || record.archived_at !== null || (nextTry && nextTry > now)) continue
    const context = {
      rules: world.settings.rules[type],
      stages,
      firstStage,
      contacts: contactsOf(world, record, record.sending?.added),
      portalId,
      now,
    }
    const write = core.pendingWrite(record, context)
    tell(world, () => `  ${type} ${nameOf(record._id)} has to write ${told(write)}`)
    const outside = outsideOfWrite(world, record, write)
    if (outside) leaveOut(world, record, outside)
    else if (write === 'nothing') settleEmpty(world, record)
    else if (write === 'waiting') release(world, record._id, world.now + waitForLeadsMs)
    else if (write === 'stage_not_mapped') markFailed(world, record, core.stageNotMapped, null)
    else {
      const { seen, known, base, remote, setAt, remoteSetAt } = lineage.sightOf(record)
      const sight: Sight = {
        seen: [...seen],
        known: [...known],
        base: [...base],
        remote: [...remote],
        setAt: [...setAt],
        remoteSetAt: [...remoteSetAt],
      }
      const sending: Sending = { write, sight, intentId: null }
      ;(write.action === 'create' ? flight.creates : flight.updates).push(sending)
    }
  }
  if (flight.creates.length + flight.updates.length === 0) return false
  world.flight = flight
  return true
}

/** Looks at HubSpot before anything is sent: what is there already, what changed there since. */
export function look(world: World, flight: Flight): void {
  // What came in at this instant came in before.
  world.now += 1
  flight.creates = linkKnown(world, flight)
  flight.lookedAt = world.now
  flight.updates = withoutOvertaken(world, flight)
  flight.creates = flight.creates.filter(({ write }) => isUnlinked(world, write))
  for (const sending of flight.creates) {
    const { write } = sending
    const record = world.store.byId(write.record._id)
    if (!record) continue
    sending.intentId = `${nameOf(record._id)}:${world.now}:${record.version}`
    world.store.put({
      ...record,
      create_intent: {
        id: sending.intentId,
        at: nowOf(world),
        sent: write.properties,
        contacts: write.associations.add,
      },
    })
  }
  flight.updates = flight.updates.filter(({ write }) => {
    const record = world.store.byId(write.record._id)
    return record !== undefined && record.hubspot_id === write.record.hubspot_id
  })
  for (const { write } of flight.updates) {
    const record = world.store.byId(write.record._id)
    if (!record) continue
    world.store.put({ ...record, sending: core.sendingNow(write.record, write, nowOf(world)) })
  }
  flight.phase = 'looked'
}

function linkKnown(world: World, { type, creates }: Flight): Sending[] {
  const taken = new Set<string>()
  return creates.filter(({ write }) => {
    const emails = type === 'contacts' ? [core.sentOf(write).email, write.properties.email] : []
    let found = emails
      .flatMap(email => (email ? [world.hubspot.ownerOf(email, null)] : []))
      .find(contact => contact !== null)
    if (!found && write.record.create_intent !== null && !core.sentOf(write).email) {
      const result = findMade(world, type, write, taken)
      if (result === 'unknown') return false
      if (result !== 'not_made') found = result
    }
    if (!found) return true
    taken.add(found.id)
    if (isLeftOut(world, type, write, found)) return false
    tell(world, () => `  ${type} ${nameOf(write.record._id)} is found as ${found.id}`)
    link(world, type, write, world.hubspot.read(found, world.now))
    return false
  })
}

function withoutOvertaken(world: World, { type, updates }: Flight): Sending[] {
  const { hubspot } = world
  const moved = new Set<string>()
  const newer = new Map<string, Arrival>()
  const missing: string[] = []
  for (const { write } of updates) {
    const id = write.record.hubspot_id ?? ''
    const object = hubspot.find(type, id)
    if (object?.id !== id || !hubspot.isLive(object)) {
      missing.push(id)
      moved.add(id)
    }
    if (!object || !hubspot.isLive(object)) continue
    const seen = updates.find(one => one.write.record.hubspot_id === object.id)
    const arrival = hubspot.read(object, world.now)
    if (!outsideOf(world, type, arrival) && !core.isNews(wire(arrival), seen?.write.record))
      continue
    newer.set(object.id, arrival)
    moved.add(object.id)
  }
  if (newer.size > 0) applyPage(world, type, [...newer.values()])
  archive(world, type, missing)
  return updates.filter(({ write }) => !moved.has(write.record.hubspot_id ?? ''))
}

function told(write: AnyWrite | string): string {
  if (typeof write === 'string') return write
  const { add, remove } = write.associations
  return `${write.action} ${JSON.stringify(write.properties)} +${add.join()} -${remove.join()}`
}
