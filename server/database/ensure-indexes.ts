import { MongoServerError } from 'mongodb'
import type { Collections } from './collections'
import { indexes } from './indexes'
import type { IndexDefinition } from './list-indexes'

/**
 * IndexOptionsConflict and IndexKeySpecsConflict: an index of that name or of those keys stands,
 * but another one.
 */
const differs = new Set<unknown>([85, 86])

/**
 * Creates what is missing and replaces what an earlier version defined otherwise. Idempotent;
 * several processes may do it at once. A replaced index is gone for a moment: its queries are slow
 * and its uniqueness unguarded that long, so upgrade with the worker paused (docs/operations.md)
 * where a unique one changes.
 * @param standing what earlier attempts of this process have made: they go on from there, or a
 *   database that fails one command in a hundred would rarely see the end of so many
 */
export async function ensureIndexes(
  collections: Collections,
  standing = new Set<IndexDefinition>(),
): Promise<void> {
  const missing = indexes.filter(index => !standing.has(index))
  for (const collection of new Set(missing.map(index => index.collection))) {
    const own = missing.filter(index => index.collection === collection)
    try {
      // One command for a collection: seventy of them, one after the other, took seconds.
      await collections[collection].createIndexes(
        own.map(({ keys, options }) => ({ key: keys, ...options })),
      )
    } catch (error) {
      if (!isOtherDefinition(error)) throw error
      for (const index of own) await ensureIndex(collections, index)
    }
    for (const index of own) standing.add(index)
  }
}

async function ensureIndex(
  collections: Collections,
  { collection, keys, options }: IndexDefinition,
): Promise<void> {
  try {
    await collections[collection].createIndex(keys, options)
  } catch (error) {
    if (!isOtherDefinition(error) || options?.name === undefined) throw error
    await collections[collection].dropIndex(options.name)
    await collections[collection].createIndex(keys, options)
  }
}

const isOtherDefinition = (error: unknown): boolean =>
  error instanceof MongoServerError && differs.has(error.code)
