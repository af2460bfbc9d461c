import { claim, look } from './claim'
import type { ObjectType } from './core'
import { send, sendCreate } from './send'
import { settle } from './settle'
import type { Sending, World } from './world'

/** A write that is under way, phase by phase. */

const mostDrains = 12

/** The next phase of the write that is under way, or of a new one. */
export function advance(world: World, type: ObjectType): void {
  const { flight } = world
  if (!flight) void (claim(world, type) || claim(world, type === 'deals' ? 'contacts' : 'deals'))
  else if (flight.phase === 'claimed') look(world, flight)
  else if (flight.phase === 'looked') send(world, flight)
  else settle(world, flight)
}

export function drain(world: World, type: ObjectType): void {
  while (world.flight) advance(world, type)
  for (let round = 0; round < mostDrains && claim(world, type); round++)
    while (world.flight) advance(world, type)
}

/** HubSpot did the work, and nobody here hears of it. */
export function loseAnswer(world: World, type: ObjectType): void {
  for (let phase = 0; phase < 3 && world.flight?.phase !== 'sent'; phase++) advance(world, type)
  world.flight = null
}

/** The sender dies; its creates are still on their way. */
export function delay(world: World, type: ObjectType, b: number): void {
  for (let phase = 0; phase < 3; phase++) {
    if (world.flight?.phase === 'looked' || world.flight?.phase === 'sent') break
    advance(world, type)
  }
  const { flight } = world
  world.flight = null
  if (flight?.phase !== 'looked') return
  for (const sending of flight.creates)
    world.late.push({
      run: () => {
        if (isStillItsAddress(world, sending)) sendCreate(world, flight.type, sending)
      },
      until: world.now + (b % 50_000),
      origin: sending.write.record._id.toHexString(),
    })
}

/**
 * Known gap: a contact is made again at once under a new address, although the request with its old
 * one may still be under way. No history shows that.
 */
function isStillItsAddress({ store }: World, { write }: Sending): boolean {
  const { email } = write.properties
  const record = store.byId(write.record._id)
  return !email || (record !== undefined && (record.values as { email?: string }).email === email)
}
