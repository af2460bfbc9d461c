import { describe, expect, it } from 'vitest'
import { fakeList, pageSize, type ListWorld } from './fake-list'

const seeds = Array.from({ length: 4 }, (_, seed) => seed + 1)
const worlds: (Omit<ListWorld, 'seed'> & { name: string })[] = [
  { name: 'cursors are ids', cursors: 'next', records: 4000 },
  { name: 'cursors are the last ids before', cursors: 'last', records: 4000 },
  { name: 'an id leads too far into the list', cursors: 'too_far', records: 4000 },
  { name: 'ids lie unevenly', cursors: 'next', records: 4000, skewed: true },
  { name: 'cursors say nothing', cursors: 'opaque', records: 3000 },
  { name: 'a cursor that is none begins the list', cursors: 'unread', records: 3000 },
  { name: 'cursors are numbers of records', cursors: 'offset', records: 3000 },
  { name: 'the list is in no order', cursors: 'next', records: 3000, shuffled: true },
  { name: 'searches contradict themselves', cursors: 'next', records: 4000, emptyPages: true },
  { name: 'its end is in no order', cursors: 'next', records: 4000, shuffledEnd: true },
]

async function imported(world: ListWorld) {
  const list = fakeList(world)
  const kills = await list.run()
  return { list, kills }
}

describe.each(worlds)('an import by chains where $name', ({ name: _, ...world }) => {
  it.each(seeds)('stores and counts each record once (seed %d)', async seed => {
    const { list } = await imported({ ...world, seed })
    expect(list.stored.size).toBe(world.records)
    expect(list.figures.counted).toBe(world.records)
  })

  it.each(seeds)('misses and counts none twice when it is killed (seed %d)', async seed => {
    const { list, kills } = await imported({ ...world, seed, kills: 3 })
    expect(kills).toBeGreaterThan(0)
    expect(list.stored.size).toBe(world.records)
    expect(list.figures.counted).toBe(world.records)
    expect(list.figures.unsaved).toBe(0)
  })

  it.each(seeds)('has all that stays while others come and go (seed %d)', async seed => {
    const { list } = await imported({ ...world, seed, kills: 2, changes: true })
    expect(list.lasting().filter(id => !list.stored.has(id))).toEqual([])
    expect(list.figures.counted).toBeLessThanOrEqual(list.stored.size)
  })
})

describe('the chains of an import', () => {
  it('have many pages under way, and few in memory', async () => {
    const { list } = await imported({ seed: 1, cursors: 'next', records: 8000 })
    expect(list.figures.mostUnderWay).toBeGreaterThanOrEqual(4)
    expect(list.figures.mostUnderWay).toBeLessThanOrEqual(8)
    expect(list.figures.mostSearching).toBeGreaterThanOrEqual(3)
    expect(list.figures.ahead).toBeLessThanOrEqual(30 * pageSize)
  })

  it('read hardly more than one chain would', async () => {
    const { list } = await imported({ seed: 2, cursors: 'next', records: 8000, skewed: true })
    expect(list.figures.read).toBeLessThan(8000 * 1.1)
  })

  it.each(['opaque', 'unread'] as const)('are one where cursors are %s', async cursors => {
    const { list } = await imported({ seed: 3, cursors, records: 8000 })
    expect(list.figures.mostUnderWay).toBeLessThanOrEqual(2)
  })

  it('are one where the list is short', async () => {
    const { list } = await imported({ seed: 4, cursors: 'next', records: 1500 })
    expect(list.figures.mostUnderWay).toBe(1)
  })

  it('go on from the checkpoint of an old version', async () => {
    const list = fakeList({ seed: 5, cursors: 'next', records: 4000 })
    list.from({ phase: 'contacts', after: list.idAt(1000) })
    await list.run()
    expect(list.stored.size).toBe(3000)
    expect(list.figures.mostUnderWay).toBe(1)
  })
})
