import { describe, expect, it } from 'vitest'
import { createDatabase } from '../../../server/database/client'
import { ensureIndexes } from '../../../server/database/ensure-indexes'
import { indexes } from '../../../server/database/indexes'
import type { IndexDefinition } from '../../../server/database/list-indexes'

/** Collections without a server. Every `failEvery`th command fails as a broken connection does. */
function unsteady(failEvery: number) {
  const { collections } = createDatabase({ uri: 'mongodb://127.0.0.1:1/', database: 'none' })
  const made: string[] = []
  let commands = 0
  for (const [name, collection] of Object.entries(collections))
    collection.createIndexes = async (own: { name?: string }[]) => {
      commands += 1
      if (commands % failEvery === 0) throw new Error('connection closed')
      const names = own.map(index => index.name ?? '')
      made.push(...names.map(index => `${name}.${index}`))
      return await Promise.resolve(names)
    }
  return { collections, made }
}

describe('the indexes of a database that fails now and then', () => {
  it('are made by going on where the attempt before ended, each once', async () => {
    const { collections, made } = unsteady(5)
    const standing = new Set<IndexDefinition>()
    // One command for each collection; of five, four are answered.
    const names = [...new Set(indexes.map(({ collection }) => collection))]
    const failures = Math.floor((names.length - 1) / 4)
    expect(failures).toBeGreaterThan(2)
    for (let attempt = 0; attempt < failures; attempt++)
      await expect(ensureIndexes(collections, standing)).rejects.toThrow('connection closed')
    await ensureIndexes(collections, standing)
    expect(made).toEqual(
      names.flatMap(name =>
        indexes
          .filter(({ collection }) => collection === name)
          .map(({ options }) => `${name}.${options?.name}`),
      ),
    )
  })
})
