import type { ObjectType } from './core'
import { event, page } from './deliveries'
import { editObject, isUnknown, pick, tieObjects } from './people'
import { Killed } from './store'
import { advance, drain, loseAnswer } from './under-way'
import { tell, type World } from './world'

/** Two things at once: what single steps meet too seldom. */

/** Somebody edits in HubSpot what we have looked at and are about to write; the write goes on. */
export function editMeanwhile(world: World, type: ObjectType, b: number): void {
  for (let phase = 0; phase < 2 && world.flight?.phase !== 'looked'; phase++) advance(world, type)
  const { flight } = world
  const write = flight?.phase === 'looked' ? pick(flight.updates, b)?.write : undefined
  const object = flight && write && world.hubspot.find(flight.type, write.record.hubspot_id ?? '')
  if (object && world.hubspot.isLive(object)) editObject(world, object, b >>> 3)
  while (world.flight) advance(world, world.flight.type)
}

/**
 * What a create made comes in as a record of its own, since the answer is lost. In some, somebody
 * ties it in HubSpot before, or the process dies while the record that waits takes it over.
 */
export function copyComesFirst(world: World, type: ObjectType, a: number, b: number): void {
  loseAnswer(world, type)
  const index = world.events.findIndex(one => {
    const object = world.hubspot.exact(one.type, one.id)
    return object !== undefined && isUnknown(world, object)
  })
  const made = world.events[index]
  const object = made && world.hubspot.exact(made.type, made.id)
  if (!object) return
  const contact = pick(world.hubspot.living('contacts'), a)
  if (object.type === 'deals' && contact && b % 2 === 0) tieObjects(world, object, contact)
  event(world, index, true)
  if (b % 3 === 0) dieAfter(world, 1 + ((b >>> 3) % 3), () => drain(world, object.type))
}

/** The process dies before one of the writes that this takes, and starts again. */
export function kill(world: World, a: number, b: number): void {
  dieAfter(world, a % 4, () => {
    if (b % 3 === 0) event(world, a >>> 2, true)
    else if (b % 3 === 1) page(world, a >>> 2, b)
    else for (let phase = 0; phase < 4; phase++) advance(world, b & 8 ? 'deals' : 'contacts')
  })
}

function dieAfter(world: World, writes: number, work: () => void): void {
  world.store.writesLeft = writes
  try {
    work()
  } catch (error) {
    if (!(error instanceof Killed)) throw error
    tell(world, () => '  killed')
  }
  world.store.writesLeft = Infinity
  world.flight = null
}
