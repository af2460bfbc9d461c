import type { ObjectId } from 'mongodb'
import type { Collections } from '../../database/collections'
import type { KindName } from '../../database/documents'

type Aliases = Pick<Collections, 'recordAliases'>

/** A chain of records that went into one another is followed this far. */
const maxHops = 50

/** From now on these ids lead to the record that stays. Done before the records go. */
export async function addAliases(
  { recordAliases }: Aliases,
  { partnerId, kind, now }: { partnerId: ObjectId; kind: KindName; now: Date },
  ids: readonly ObjectId[],
  recordId: ObjectId,
): Promise<void> {
  if (ids.length === 0) return
  await recordAliases.bulkWrite(
    ids.map(id => ({
      updateOne: {
        filter: { _id: id },
        update: {
          $set: { partner_id: partnerId, kind, record_id: recordId },
          $setOnInsert: { created_at: now },
        },
        upsert: true,
      },
    })),
    { ordered: false },
  )
}

/** @returns the id of the record that this one went into, or `null` when it went into none */
export async function survivorOf(
  { recordAliases }: Aliases,
  partnerId: ObjectId,
  id: ObjectId,
): Promise<ObjectId | null> {
  let survivor: ObjectId | null = null
  for (let hop = 0, at = id; hop < maxHops; hop++) {
    const alias = await recordAliases.findOne({ _id: at, partner_id: partnerId })
    if (!alias) break
    at = survivor = alias.record_id
  }
  return survivor
}

/** @returns for those of the ids whose records went into others, by their text, these others' ids */
export async function survivorsOf(
  { recordAliases }: Aliases,
  partnerId: ObjectId,
  ids: readonly ObjectId[],
): Promise<Map<string, ObjectId>> {
  if (ids.length === 0) return new Map()
  const aliases = await recordAliases
    .find({ partner_id: partnerId, _id: { $in: [...ids] } })
    .hint('_id_')
    .toArray()
  return new Map(
    await Promise.all(
      aliases.map(async ({ _id, record_id }) => {
        const last = await survivorOf({ recordAliases }, partnerId, record_id)
        return [_id.toHexString(), last ?? record_id] as const
      }),
    ),
  )
}

/** Ids of records as they are now: those that went into another one are named by that. */
export async function presentIds(
  aliases: Aliases,
  partnerId: ObjectId,
  ids: readonly ObjectId[],
): Promise<ObjectId[]> {
  const survivors = await survivorsOf(aliases, partnerId, ids)
  const present = ids.map(id => survivors.get(id.toHexString()) ?? id)
  return [...new Map(present.map(id => [id.toHexString(), id])).values()]
}

/** Reads a record by its id or, where it went into another one, by that one's. */
export async function followAlias<D>(
  aliases: Aliases,
  partnerId: ObjectId,
  id: ObjectId,
  find: (id: ObjectId) => Promise<D | null>,
): Promise<D | null> {
  const found = await find(id)
  if (found) return found
  const survivor = await survivorOf(aliases, partnerId, id)
  return survivor && (await find(survivor))
}
