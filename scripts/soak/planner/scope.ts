import { core, type ObjectType } from './core'
import { Violation } from './fields'
import type { Arrival, HubspotObject } from './hubspot'
import { pick, setThere } from './people'
import { pull } from './readers'
import type { AnyRecord } from './store'
import { nameOf, nowOf, tell, wire, type AnyWrite, type World } from './world'

/**
 * What is synced is narrowed and widened in the middle of a history: contacts to a list, deals to
 * an owner. What leaves stops as it is, what was never inside is not stored, and at the end, when
 * everything is inside again, nothing was lost.
 */

const listId = 'partners'
const ownerId = '7'
const ownerProperty = 'hubspot_owner_id'
const whole = {
  lifecycleStages: [],
  ownerIds: [],
  listIds: [],
  pipelineIds: [],
  createdAfter: null,
}
const narrow: ScopeRules = {
  lead: { ...whole, listIds: [listId] },
  deal: { ...whole, ownerIds: [ownerId] },
  names: { lifecycleStages: {}, owners: {}, lists: {}, pipelines: {} },
  isApplied: true,
}
type ScopeRules = Parameters<typeof core.outsideOf>[0]
type Outside = NonNullable<ReturnType<typeof core.outsideOf>>

export interface Scope {
  isNarrow: boolean
  /** Records that the scope of before left out are still to be looked at again */
  isChanged: boolean
  /** Objects that are on the list */
  listed: Set<string>
  /** Objects that were inside at some time, or that we made or found ourselves */
  wereInside: Set<string>
}

export function newScope(): Scope {
  return { isNarrow: false, isChanged: false, listed: new Set(), wereInside: new Set() }
}

const kindOf = (type: ObjectType) => (type === 'contacts' ? 'lead' : 'deal')
const keyOf = ({ type, id }: { type: ObjectType; id: string }) => `${type}${id}`

/** Why an object is not synced. @returns `null`: it is inside */
export function outsideOf({ scope }: World, type: ObjectType, object: Arrival): Outside | null {
  if (!scope?.isNarrow) return null
  const lists = scope.listed.has(keyOf({ type, id: object.id })) ? [listId] : []
  return core.outsideOf(narrow, kindOf(type), core.factsOf(wire(object), lists))
}

/** Why what waits in a record is not written. */
export function outsideOfWrite(
  world: World,
  record: AnyRecord,
  write: Parameters<typeof core.outsideOfWrite>[1],
): Outside | null {
  return core.outsideOfWrite(record, write, world.scope?.isNarrow ? narrow : null, nowOf(world))
}

/** A record stays as it is, and waits until it is inside. */
export function leaveOut(world: World, { _id, revision }: AnyRecord, outside: Outside): void {
  const record = world.store.byId(_id)
  if (!record || record.revision !== revision) return
  const { rule, message } = outside
  tell(world, () => `  ${nameOf(_id)} is left out: ${rule}`)
  world.store.put(core.withState(record, core.outOfScope({ rule, message, since: nowOf(world) })))
}

/** @returns whether what HubSpot has for this write is left out */
export function isLeftOut(world: World, type: ObjectType, write: AnyWrite, found: HubspotObject) {
  const outside = outsideOf(world, type, world.hubspot.read(found, world.now))
  if (outside) leaveOut(world, write.record, outside)
  return outside !== null
}

export function turnScope({ scope, ...world }: World): void {
  if (!scope) return
  scope.isNarrow = !scope.isNarrow
  scope.isChanged = true
  world.story?.push(`  the scope is ${scope.isNarrow ? 'narrowed' : 'widened'}`)
}

/** An object comes onto the list or leaves it, which no date tells; a deal gets another owner. */
export function moveInHubspot(world: World, type: ObjectType, a: number, b: number): void {
  const object = pick(world.hubspot.living(type), a)
  if (!object || !world.scope) return
  if (type === 'deals') {
    const isOwned = object.properties[ownerProperty] === ownerId
    return setThere(world, object, ownerProperty, isOwned ? '8' : ownerId)
  }
  const { listed } = world.scope
  tell(world, () => `  contact ${object.id} moves, it was ${listed.has(keyOf(object))}`)
  if (!listed.delete(keyOf(object))) listed.add(keyOf(object))
  // The list's members are read at once, or later.
  if (b % 2 === 0) pull(world, type, [object.id])
}

/** New records that a former scope left out are looked at again, before everything is compared. */
export function wakeLeftOut({ scope, store }: World): void {
  if (!scope?.isChanged) return
  for (const record of [...store.leads, ...store.deals])
    if (record.sync.state === 'out_of_scope' && record.hubspot_id === null)
      store.put(core.withState(record, core.lookedAtAgain))
  scope.isChanged = false
}

/** Remembers what is inside now. */
export function noteInside(world: World): void {
  const { scope, hubspot, store } = world
  if (!scope) return
  for (const object of hubspot.objects.values())
    if (object.origin !== null || !outsideOf(world, object.type, hubspot.read(object, world.now)))
      scope.wereInside.add(keyOf(object))
  // What was merged into something that has a record here goes on with that record.
  for (const type of ['contacts', 'deals'] as const)
    for (const { hubspot_id: id } of store.records(type))
      for (const loser of (id && hubspot.exact(type, id)?.mergedIds) || [])
        if (id && scope.wereInside.has(keyOf({ type, id: loser })))
          scope.wereInside.add(keyOf({ type, id }))
}

/** What never was inside is not stored, and what is outside has stopped. */
export function checkOutside(world: World): void {
  const { scope, store, hubspot } = world
  if (!scope) return
  noteInside(world)
  for (const type of ['contacts', 'deals'] as const)
    for (const record of store.records(type)) {
      const object = record.hubspot_id && hubspot.exact(type, record.hubspot_id)
      if (!object || !hubspot.isLive(object)) continue
      const told = `${type} ${object.id}`
      if (!scope.wereInside.has(keyOf(object)))
        throw new Violation(`${told} is stored, and never was inside`)
      const isOutside = outsideOf(world, type, hubspot.read(object, world.now)) !== null
      if (isOutside !== (record.sync.state === 'out_of_scope'))
        throw new Violation(
          `${told} ${isOutside ? 'is outside and syncs' : 'is inside and stopped'}`,
        )
      if (isOutside && record.dirty) throw new Violation(`${told} is outside and to be written`)
    }
}
