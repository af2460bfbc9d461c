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

/** Ids of records as they are now: those that went into another one are named by that. */
export async function presentIds(
  { recordAliases }: Aliases,
  partnerId: ObjectId,
  ids: readonly ObjectId[],
): Promise<ObjectId[]> {
  if (ids.length === 0) return []
  const aliases = await recordAliases
    .find({ partner_id: partnerId, _id: { $in: [...ids] } })
    .hint('_id_')
    .toArray()
  const gone = new Set(aliases.map(alias => alias._id.toHexString()))
  const survivors = await Promise.all(
    aliases.map(
      async alias => (await survivorOf({ recordAliases }, partnerId, alias._id)) ?? alias._id,
    ),
  )
  const present = [...ids.filter(id => !gone.has(id.toHexString())), ...survivors]
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
