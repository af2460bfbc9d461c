import type { ObjectType } from './core'
import { Violation } from './fields'
import { applyPage } from './inbound'
import { pull } from './readers'
import { tell, type World } from './world'

/** What HubSpot tells and what is read of it, in any order and more than once. */

export function event(world: World, a: number, isOnce: boolean): void {
  const { events } = world
  const one = events[a % Math.max(events.length, 1)]
  if (!one) return
  const { type, id, losers } = one
  tell(world, () => `  event of ${type} ${id}, ${events.length} waiting`)
  pull(world, type, [id, ...losers], new Map(losers.map(loser => [loser, id])))
  if (isOnce) events.splice(events.indexOf(one), 1)
}

/** All that wait at once, as the inbox hands them out: each object is read once. */
export function allEvents(world: World): void {
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
export function readPage(world: World, type: ObjectType, b: number): void {
  const { hubspot, pages } = world
  const arrivals = hubspot.living(type).map(object => hubspot.read(object, world.now))
  const before = b % 4 === 0 ? pages.findLast(one => one.type === type) : undefined
  if (before) before.arrivals.unshift(...arrivals)
  else pages.push({ type, arrivals, isSearch: b % 2 === 0 })
}

export function page(world: World, a: number, b: number): void {
  const one = world.pages[a % Math.max(world.pages.length, 1)]
  if (!one) return
  tell(world, () => `  page of ${one.type} ${one.arrivals.map(({ id }) => id).join()}`)
  const gone = goneOf(world, one)
  const left = applyPage(world, one.type, one.arrivals, one.isSearch ? 'not_live' : 'archived')
  pull(world, one.type, left)
  checkStillGone(world, one.type, gone)
  if (b % 3 !== 0) world.pages.splice(world.pages.indexOf(one), 1)
}

/** @returns ids of a page that were archived since it was read, as is known here */
function goneOf({ hubspot, store }: World, { type, arrivals }: World['pages'][number]): string[] {
  return arrivals.flatMap(({ id }) => {
    const object = hubspot.exact(type, id)
    const isGone = object !== undefined && !hubspot.isLive(object)
    return isGone && store.of(type, id)?.archived_at ? [id] : []
  })
}

/** What was read before an archive brings nothing back. */
function checkStillGone({ store }: World, type: ObjectType, ids: readonly string[]): void {
  for (const id of ids)
    if (store.of(type, id)?.archived_at === null)
      throw new Violation(`${type} ${id} was brought back by a page read before it was archived`)
}
