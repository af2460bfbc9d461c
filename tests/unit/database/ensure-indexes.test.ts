import { describe, expect, it } from 'vitest'
import { createDatabase } from '../../../server/database/client'
import { ensureIndexes, indexes } from '../../../server/database/indexes'
import type { IndexDefinition } from '../../../server/database/list-indexes'

/** Collections without a server. Every `failEvery`th command fails as a broken connection does. */
function unsteady(failEvery: number) {
  const { collections } = createDatabase({ uri: 'mongodb://127.0.0.1:1/', database: 'none' })
  const made: string[] = []
  let commands = 0
  for (const [name, collection] of Object.entries(collections))
    collection.createIndex = async (_keys: unknown, options?: { name?: string }) => {
      commands += 1
      if (commands % failEvery === 0) throw new Error('connection closed')
      made.push(`${name}.${options?.name}`)
      return await Promise.resolve(options?.name ?? '')
    }
  return { collections, made }
}

describe('the indexes of a database that fails now and then', () => {
  it('are made by going on where the attempt before ended, each once', async () => {
    const { collections, made } = unsteady(20)
    const standing = new Set<IndexDefinition>()
    const failures = Math.floor((indexes.length - 1) / 19)
    for (let attempt = 0; attempt < failures; attempt++)
      await expect(ensureIndexes(collections, standing)).rejects.toThrow('connection closed')
    await ensureIndexes(collections, standing)
    expect(made).toEqual(indexes.map(({ collection, options }) => `${collection}.${options?.name}`))
  })
})
