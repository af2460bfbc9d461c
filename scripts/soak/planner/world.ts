import {
  core,
  type CrmObject,
  type DealDocument,
  type LeadDocument,
  type ObjectType,
  type PendingWrite,
} from './core'
import { createHubspot, type Arrival, type Hubspot, type HubspotEvent } from './hubspot'
import { newChoiceWords, type ChoiceWords } from './choices'
import { Violation, type Sight } from './fields'
import { createLineage, type Lineage } from './lineage'
import { settingsOf, type Settings } from './rules'
import { newScope, type Scope } from './scope'
import { Store, type Id } from './store'

export type AnyWrite = PendingWrite<LeadDocument> | PendingWrite<DealDocument>

/** One write on its way, with what was known when it was worked out. */
export interface Sending {
  write: AnyWrite
  sight: Sight
  intentId: string | null
  /** HubSpot's answer; absent until it has one, and for good when it is lost */
  answer?: { ok: Arrival } | { refused: 'gone' | 'email_taken' | 'nameless' } | { existing: string }
}

/** The writes of one claim between two points where the process may die. */
export interface Flight {
  type: ObjectType
  phase: 'claimed' | 'looked' | 'sent'
  creates: Sending[]
  updates: Sending[]
  lookedAt: number
}

/** A page that was read, and is applied when it is applied. */
export interface ReadPage {
  type: ObjectType
  arrivals: Arrival[]
  isSearch: boolean
}

/** What somebody here said last of a tie */
export interface TieWord {
  deal: Id
  lead: Id
  isTied: boolean
}

export interface World {
  settings: Settings
  /** Milliseconds; both sides have one clock */
  now: number
  hubspot: Hubspot
  store: Store
  lineage: Lineage
  flight: Flight | null
  /** Creates whose sender died and that reach HubSpot later, each with when at the latest */
  late: { run: () => void; until: number; origin: string }[]
  events: HubspotEvent[]
  pages: ReadPage[]
  /** Counts up with each value that is made up */
  values: number
  /** The last word on each tie, by deal and lead here and by deal and contact in HubSpot */
  tiedHere: Map<string, TieWord>
  tiedThere: Map<string, boolean>
  /** `null`: everything is synced all the time */
  scope: Scope | null
  /** `null`: not followed (any more) */
  words: ChoiceWords | null
  /** Something was merged, archived or taken in: ties move and hide with it */
  areTiesMoved: boolean
  /** HubSpot objects by the record of ours that they were made for */
  madeFor: Map<string, string>
  /** What happened, in words; `null`: nobody asked */
  story: string[] | null
}

export const partnerId = core.newId()
export const portalId = '1'
export const target = { partnerId, portalId }
const startsAt = Date.UTC(2026, 0, 1)

export function createWorld(seed: number, story: string[] | null): World {
  const settings = settingsOf(seed)
  const hubspot = createHubspot(settings)
  return {
    settings,
    now: startsAt,
    hubspot,
    store: new Store(),
    lineage: createLineage(settings),
    flight: null,
    late: [],
    events: hubspot.events,
    pages: [],
    values: 0,
    madeFor: new Map(),
    tiedHere: new Map(),
    tiedThere: new Map(),
    scope: settings.isScoped ? newScope() : null,
    words: newChoiceWords(),
    areTiesMoved: false,
    story,
  }
}

export function tell(world: World, what: () => string): void {
  world.story?.push(`${new Date(world.now).toISOString().slice(11, 23)} ${what()}`)
}

export function nowOf(world: World): Date {
  return new Date(world.now)
}

export function nameOf(id: Id): string {
  return id.toHexString().slice(-4)
}

/**
 * What the production code is told about an object: nothing that only the proof knows. Each by its
 * name: to leave something out of a copy takes several times as long.
 * @param initial the values that it began with
 */
export function wire(
  arrival: Arrival,
  initial?: CrmObject['initial'],
): { [K in keyof Required<CrmObject>]: CrmObject[K] } {
  return {
    id: arrival.id,
    properties: arrival.properties,
    createdAt: arrival.createdAt,
    updatedAt: arrival.updatedAt,
    archived: arrival.archived,
    archivedAt: arrival.archivedAt,
    associations: arrival.associations,
    associationsReadAt: arrival.associationsReadAt,
    changedAt: arrival.changedAt,
    initial,
  }
}

export function tieKey(deal: string, other: string): string {
  return `${deal}:${other}`
}

export function noteTieHere(world: World, deal: Id, lead: Id, isTied: boolean): void {
  const key = tieKey(deal.toHexString(), lead.toHexString())
  world.tiedHere.delete(key)
  world.tiedHere.set(key, { deal, lead, isTied })
}

/**
 * What was said of a record that went is said of the one that stays, in the same order.
 * @param isSaid whether a word counts; all do unless given
 */
export function moveTieWords(
  world: World,
  from: Id,
  to: Id,
  isSaid: (word: TieWord) => boolean = () => true,
): void {
  for (const [key, word] of world.tiedHere) if (!isSaid(word)) forgetWord(world, key, word)
  const words = [...world.tiedHere.values()]
  if (!words.some(word => word.deal === from || word.lead === from)) return
  world.tiedHere.clear()
  for (const { deal, lead, isTied } of words)
    noteTieHere(world, deal === from ? to : deal, lead === from ? to : lead, isTied)
}

/** What was said of one tie on two records that turn out to be one: nobody can tell what was meant. */
export function forgetTwiceSaid(world: World, one: Id, other: Id): void {
  const others = ({ deal, lead }: TieWord) => (deal === one || deal === other ? lead : deal)
  const said = [...world.tiedHere].filter(([, { deal, lead }]) =>
    [deal, lead].some(id => id === one || id === other),
  )
  for (const [key, word] of said)
    if (said.some(([again, second]) => again !== key && others(second) === others(word)))
      forgetWord(world, key, word)
}

/** Nor is HubSpot's word on the same tie the last one then: this one may have answered it. */
function forgetWord({ store, tiedHere, tiedThere }: World, key: string, word: TieWord): void {
  const [deal, lead] = [store.byId(word.deal), store.byId(word.lead)]
  tiedThere.delete(tieKey(deal?.hubspot_id ?? '', lead?.hubspot_id ?? ''))
  tiedHere.delete(key)
}

/** One object of HubSpot for one record of ours. */
export function made(world: World, origin: string, id: string): void {
  const known = world.madeFor.get(origin)
  if (known !== undefined) throw new Violation(`made twice in HubSpot: ${known} and ${id}`)
  world.madeFor.set(origin, id)
}
