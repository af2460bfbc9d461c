import type { ObjectType } from './core'
import type { Arrival } from './hubspot'
import { applyPage, archive } from './inbound'
import { merged } from './merges'
import type { World } from './world'

/** Reads these by id and applies them; what is not found is archived here. */
export function pull(
  world: World,
  type: ObjectType,
  ids: readonly string[],
  mergedInto: ReadonlyMap<string, string> = new Map(),
): void {
  const unique = [...new Set(ids)]
  const found = new Map<string, Arrival>()
  for (const id of unique) {
    const object = world.hubspot.find(type, id)
    if (object && world.hubspot.isLive(object))
      found.set(object.id, world.hubspot.read(object, world.now))
  }
  const missing = unique.filter(id => !found.has(id))
  for (const loserId of missing) {
    const winnerId = mergedInto.get(loserId)
    if (winnerId !== undefined)
      merged(world, type, winnerId, [loserId], found.get(winnerId)?.updatedAt)
  }
  applyPage(world, type, [...found.values()])
  archive(world, type, missing)
}

/** Everything is read once more, as the compare and the sweeps do. */
export function sweep(world: World): void {
  const { hubspot, store } = world
  for (const type of ['contacts', 'deals'] as const) {
    const all = hubspot.living(type).map(object => hubspot.read(object, world.now))
    pull(world, type, applyPage(world, type, all, 'archived'))
    const mergedInto = new Map(
      [...hubspot.objects.values()].flatMap(object =>
        object.type === type && object.isArchived
          ? object.mergedIds.map(id => [id, object.id] as const)
          : [],
      ),
    )
    const rest = store
      .records(type)
      .flatMap(({ hubspot_id: id }) => (id === null ? [] : [id]))
      .filter(id => {
        const object = hubspot.exact(type, id)
        return !object || !hubspot.isLive(object)
      })
    const winners = rest.flatMap(id => mergedInto.get(id) ?? [])
    pull(world, type, [...rest, ...winners], mergedInto)
  }
}
