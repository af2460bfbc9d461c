import { checkEnd } from './checks'
import { chooseHere, chooseThere } from './choose'
import type { ObjectType } from './core'
import { allEvents, event, page, readPage } from './deliveries'
import { Violation, type Losses } from './fields'
import { createHere, createThere, editHere, editThere, tieHere, tieThere } from './people'
import { archiveThere, mergeThere, restoreThere } from './people-archive'
import { copyComesFirst, editMeanwhile, kill } from './races'
import { createRandom } from './random'
import { sweep } from './readers'
import { furtherOf } from './rules'
import { checkOutside, moveInHubspot, noteInside, turnScope, wakeLeftOut } from './scope'
import { advance, delay, drain, loseAnswer } from './under-way'
import { playUndo } from './undo'
import { createWorld, tell, type World } from './world'

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
  'edit in HubSpot during a write': 4,
  'copy comes before the answer': 4,
  // Only where the settings have them: drawn by `furtherSteps`
  'choice here': 0,
  'choice in HubSpot': 0,
  'scope is changed': 0,
  'moves in or out of the scope': 0,
} as const
export type StepKind = keyof typeof kinds
export const stepKinds = Object.keys(kinds) as StepKind[]
const deck = stepKinds.flatMap(kind => Array.from({ length: kinds[kind] }, () => kind))

const ticks = [0, 1, 1, 1000, 1000, 90_000, 15 * 60_000]
/** One history in so many ends with an operation that is taken back */
const undoEvery = 8
const mostRounds = 12

export function stepsOf(seed: number): Step[] {
  const random = createRandom(seed)
  const begin: Step[] = [
    { kind: random() % 3 === 0 ? 'create here' : 'create in HubSpot', a: random(), b: random() },
    { kind: random() % 2 === 0 ? 'create here' : 'create in HubSpot', a: random(), b: random() },
    { kind: 'everything is compared', a: 0, b: 0 },
  ]
  const length = 4 + (random() % 15)
  return withFurtherSteps(seed, [
    ...begin,
    ...Array.from({ length }, () => ({
      kind: deck[random() % deck.length] as StepKind,
      a: random(),
      b: random(),
    })),
  ])
}

/** Steps of further kinds in between, drawn from numbers of their own. */
function withFurtherSteps(seed: number, steps: Step[]): Step[] {
  const { hasChoices, isScoped, random } = furtherOf(seed)
  const further: StepKind[] = hasChoices ? ['choice here', 'choice in HubSpot'] : []
  if (isScoped) further.push('scope is changed', 'moves in or out of the scope')
  for (const kind of further)
    for (let count = 1 + (random() % 3); count > 0; count--)
      steps.splice(2 + (random() % (steps.length - 1)), 0, { kind, a: random(), b: random() })
  return steps
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
    if (world.scope?.isNarrow) {
      checkOutside(world)
      turnScope(world)
      comeToRest(world)
    }
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
  noteInside(world)
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
      wakeLeftOut(world)
      return sweep(world)
    case 'edit in HubSpot during a write':
      return editMeanwhile(world, type, b)
    case 'copy comes before the answer':
      return copyComesFirst(world, type, a, b)
    case 'choice here':
      return chooseHere(world, a, b)
    case 'choice in HubSpot':
      return chooseThere(world, a, b)
    case 'scope is changed':
      return turnScope(world)
    case 'moves in or out of the scope':
      return moveInHubspot(world, type, a, b)
  }
}

function runLate(world: World): void {
  const due = world.late.filter(({ until }) => until <= world.now)
  world.late = world.late.filter(({ until }) => until > world.now)
  for (const { run } of due) run()
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
    if (round > 0) {
      wakeLeftOut(world)
      sweep(world)
    }
    drain(world, 'contacts')
    drain(world, 'deals')
    if (round === 0 || world.events.length > 0) continue
    if (world.store.writes === before) return
  }
  throw new Violation('never comes to rest: each round writes something more')
}
