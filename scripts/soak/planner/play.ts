import { claim, look } from './claim'
import { checkEnd } from './checks'
import type { ObjectType } from './core'
import { applyPage } from './inbound'
import { Violation } from './fields'
import type { Losses } from './lineage'
import { createHere, createThere, editHere, editThere, tieHere, tieThere } from './people'
import { archiveThere, mergeThere, restoreThere } from './people-archive'
import { createRandom } from './random'
import { pull, sweep } from './readers'
import { send, sendCreate } from './send'
import { settle } from './settle'
import { Killed } from './store'
import { playUndo } from './undo'
import { createWorld, tell, type Sending, type World } from './world'

/** One step of a history: what happens, and numbers that say to what. */
export interface Step {
  kind: StepKind
  a: number
  b: number
}

/** Each kind with how often it comes up, and with what it takes. */
const kinds = {
  'edit here': 16,
  'edit in HubSpot': 16,
  'create here': 6,
  'create in HubSpot': 5,
  'tie here': 5,
  'tie in HubSpot': 5,
  'archive in HubSpot': 3,
  'restore in HubSpot': 3,
  'merge in HubSpot': 4,
  'event arrives': 12,
  'event arrives twice': 3,
  'event is lost': 4,
  'page is read': 6,
  'page is applied': 8,
  'write-back, whole': 8,
  'write-back, one phase': 14,
  'answer is lost': 4,
  'request arrives late': 2,
  'killed between two writes': 3,
  'everything is compared': 2,
} as const
export type StepKind = keyof typeof kinds
export const stepKinds = Object.keys(kinds) as StepKind[]
const deck = stepKinds.flatMap(kind => Array.from({ length: kinds[kind] }, () => kind))

const ticks = [0, 1, 1, 1000, 1000, 90_000, 15 * 60_000]
/** One history in so many ends with an operation that is taken back */
const undoEvery = 8
const mostDrains = 12
const mostRounds = 12

export function stepsOf(seed: number): Step[] {
  const random = createRandom(seed)
  const begin: Step[] = [
    { kind: random() % 3 === 0 ? 'create here' : 'create in HubSpot', a: random(), b: random() },
    { kind: random() % 2 === 0 ? 'create here' : 'create in HubSpot', a: random(), b: random() },
    { kind: 'everything is compared', a: 0, b: 0 },
  ]
  const length = 4 + (random() % 15)
  return [
    ...begin,
    ...Array.from({ length }, () => ({
      kind: deck[random() % deck.length] as StepKind,
      a: random(),
      b: random(),
    })),
  ]
}

export interface Played {
  /** Why it came out wrong, or `null` */
  wrong: string | null
  world: World
  losses: Losses
}

/** Plays a history to its end: all edits stop, everything arrives, everything is written. */
export function play(seed: number, steps: readonly Step[], story: string[] | null = null): Played {
  const world = createWorld(seed, story)
  const played: Played = { wrong: null, world, losses: world.lineage.losses }
  try {
    for (const step of steps) take(world, step)
    comeToRest(world)
    checkEnd(world)
    if (seed % undoEvery === 0) {
      playUndo(world, seed, () => comeToRest(world))
      checkEnd(world)
    }
  } catch (error) {
    if (!(error instanceof Violation)) {
      played.wrong = `threw ${error instanceof Error ? error.stack : String(error)}`
      return played
    }
    played.wrong = error.message
  }
  return played
}

function take(world: World, { kind, a, b }: Step): void {
  world.now += ticks[((a ^ b) % ticks.length) >>> 0] ?? 1
  const type: ObjectType = ((a >>> 8) ^ b) & 4 ? 'deals' : 'contacts'
  tell(world, () => `— ${kind}`)
  runLate(world)
  switch (kind) {
    case 'edit here':
      return editHere(world, type, a, b)
    case 'edit in HubSpot':
      return editThere(world, type, a, b)
    case 'create here':
      return createHere(world, type, a, b)
    case 'create in HubSpot':
      return createThere(world, type, a, b)
    case 'tie here':
      return tieHere(world, a, b)
    case 'tie in HubSpot':
      return tieThere(world, a, b)
    case 'archive in HubSpot':
      return archiveThere(world, type, a)
    case 'restore in HubSpot':
      return restoreThere(world, type, a)
    case 'merge in HubSpot':
      return mergeThere(world, type, a, b)
    case 'event arrives':
      return event(world, a, true)
    case 'event arrives twice':
      return event(world, a, false)
    case 'event is lost':
      if (world.events.length > 0) world.events.splice(a % world.events.length, 1)
      return
    case 'page is read':
      return readPage(world, type, b)
    case 'page is applied':
      return page(world, a, b)
    case 'write-back, whole':
      drain(world, 'contacts')
      return drain(world, 'deals')
    case 'write-back, one phase':
      return advance(world, type)
    case 'answer is lost':
      return loseAnswer(world, type)
    case 'request arrives late':
      return delay(world, type, b)
    case 'killed between two writes':
      return kill(world, a, b)
    case 'everything is compared':
      return sweep(world)
  }
}

function event(world: World, a: number, isOnce: boolean): void {
  const { events } = world
  const one = events[a % Math.max(events.length, 1)]
  if (!one) return
  const { type, id, losers } = one
  tell(world, () => `  event of ${type} ${id}, ${events.length} waiting`)
  pull(world, type, [id, ...losers], new Map(losers.map(loser => [loser, id])))
  if (isOnce) events.splice(events.indexOf(one), 1)
}

/** All that wait at once, as the inbox hands them out: each object is read once. */
function allEvents(world: World): void {
  const batch = world.events.splice(0)
  for (const type of ['contacts', 'deals'] as const) {
    const ids = batch.filter(one => one.type === type)
    const mergedInto = new Map(
      ids.flatMap(({ id, losers }) => losers.map(loser => [loser, id] as const)),
    )
    if (ids.length > 0)
      pull(world, type, [...ids.map(({ id }) => id), ...mergedInto.keys()], mergedInto)
  }
}

/** A page may hold a record twice: read while it was changed. */
function readPage(world: World, type: ObjectType, b: number): void {
  const { hubspot, pages } = world
  const arrivals = hubspot.living(type).map(object => hubspot.read(object, world.now))
  const before = b % 4 === 0 ? pages.findLast(one => one.type === type) : undefined
  if (before) before.arrivals.unshift(...arrivals)
  else pages.push({ type, arrivals, isSearch: b % 2 === 0 })
}

function page(world: World, a: number, b: number): void {
  const one = world.pages[a % Math.max(world.pages.length, 1)]
  if (!one) return
  tell(world, () => `  page of ${one.type} ${one.arrivals.map(({ id }) => id).join()}`)
  const left = applyPage(world, one.type, one.arrivals, one.isSearch ? 'not_live' : 'archived')
  pull(world, one.type, left)
  if (b % 3 !== 0) world.pages.splice(world.pages.indexOf(one), 1)
}

/** The next phase of the write that is under way, or of a new one. */
function advance(world: World, type: ObjectType): void {
  const { flight } = world
  if (!flight) void (claim(world, type) || claim(world, type === 'deals' ? 'contacts' : 'deals'))
  else if (flight.phase === 'claimed') look(world, flight)
  else if (flight.phase === 'looked') send(world, flight)
  else settle(world, flight)
}

function drain(world: World, type: ObjectType): void {
  while (world.flight) advance(world, type)
  for (let round = 0; round < mostDrains && claim(world, type); round++)
    while (world.flight) advance(world, type)
}

/** HubSpot did the work, and nobody here hears of it. */
function loseAnswer(world: World, type: ObjectType): void {
  for (let phase = 0; phase < 3 && world.flight?.phase !== 'sent'; phase++) advance(world, type)
  world.flight = null
}

/** The sender dies; its creates are still on their way. */
function delay(world: World, type: ObjectType, b: number): void {
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

function runLate(world: World): void {
  const due = world.late.filter(({ until }) => until <= world.now)
  world.late = world.late.filter(({ until }) => until > world.now)
  for (const { run } of due) run()
}

/** The process dies before one of the writes that this takes, and starts again. */
function kill(world: World, a: number, b: number): void {
  world.store.writesLeft = a % 4
  try {
    if (b % 3 === 0) event(world, a >>> 2, true)
    else if (b % 3 === 1) page(world, a >>> 2, b)
    else for (let phase = 0; phase < 4; phase++) advance(world, b & 8 ? 'deals' : 'contacts')
  } catch (error) {
    if (!(error instanceof Killed)) throw error
    tell(world, () => '  killed')
  }
  world.store.writesLeft = Infinity
  world.flight = null
}

/**
 * All edits stop: what is under way ends, everything arrives, everything is written; over and over,
 * until the same once more changes nothing.
 */
function comeToRest(world: World): void {
  tell(world, () => '— everything comes to rest')
  for (let round = 0; round < mostRounds; round++) {
    world.now += 2 * 60 * 60_000
    runLate(world)
    const before = world.store.writes
    while (world.events.length > 0) allEvents(world)
    while (world.pages.length > 0) page(world, 0, 1)
    if (round > 0) sweep(world)
    drain(world, 'contacts')
    drain(world, 'deals')
    if (round === 0 || world.events.length > 0) continue
    if (world.store.writes === before) return
  }
  throw new Violation('never comes to rest: each round writes something more')
}
