import type { ObjectType } from './core'
import { isUnknown, pick } from './people'
import { tell, type World } from './world'

/** People archive, restore and merge in HubSpot. */

export function archiveThere(world: World, type: ObjectType, a: number): void {
  const object = pick(world.hubspot.living(type), a)
  if (!object || isUnknown(world, object)) return
  if (object.updatedAt >= world.now) world.now = object.updatedAt + 1
  tell(world, () => `${type} ${object.id} is archived in HubSpot`)
  world.areTiesMoved = true
  world.hubspot.archive(object, world.now)
}

export function restoreThere(world: World, type: ObjectType, a: number): void {
  const gone = [...world.hubspot.objects.values()].filter(
    object => object.type === type && object.isArchived && object.mergedInto === null,
  )
  const object = pick(gone, a)
  if (!object) return
  if (object.updatedAt >= world.now) world.now = object.updatedAt + 1
  if (world.hubspot.restore(object, world.now))
    tell(world, () => `${type} ${object.id} is restored in HubSpot`)
}

export function mergeThere(world: World, type: ObjectType, a: number, b: number): void {
  const living = world.hubspot.living(type)
  const primary = pick(living, a)
  const loser = pick(
    living.filter(object => object !== primary),
    b,
  )
  if (!primary || !loser || isUnknown(world, primary) || isUnknown(world, loser)) return
  if (Math.max(primary.updatedAt, loser.updatedAt) >= world.now)
    world.now = Math.max(primary.updatedAt, loser.updatedAt) + 1
  tell(world, () => `${type} ${loser.id} is merged into ${primary.id} in HubSpot`)
  world.areTiesMoved = true
  const lost = world.hubspot.merge(primary, loser, world.now)
  for (const [index, bits] of lost.entries()) world.lineage.explain(type, index, bits)
}
