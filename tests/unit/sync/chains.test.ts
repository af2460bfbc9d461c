import { describe, expect, it } from 'vitest'
import {
  createChains,
  ListOutOfOrder,
  oneChain,
  type Chain,
} from '../../../server/sync/readers/chains'
import { findCut } from '../../../server/sync/readers/cut'

/** A chain from the list's beginning, and one from the id 500 on. */
function two() {
  const chains = createChains(oneChain(null, 1000))
  const [whole] = chains.open() as [Chain]
  chains.read(whole, ['1', '2'], false)
  const added = chains.add(whole, {
    lane: 'list',
    after: '500',
    ids: ['500', '501', '502'],
    from: 500,
  })
  if (!added) throw new Error('No chain was added')
  return { chains, whole, added }
}

describe('chains of one list', () => {
  it('stop where another one began, and leave what follows to it', () => {
    const { chains, whole } = two()
    expect(chains.read(whole, ['498', '499', '500', '501'], false)).toEqual({
      keep: 2,
      stops: true,
    })
  })

  it('keep what the other one was not told of at its beginning', () => {
    const { chains, whole } = two()
    expect(chains.read(whole, ['499', '4990', '501'], false)).toEqual({ keep: 2, stops: true })
  })

  it('read on, and in place of the other one, where they come past it and see none of its ids', () => {
    const { chains, whole, added } = two()
    expect(chains.read(whole, ['499', '503'], false)).toEqual({ keep: 2, stops: false })
    expect(chains.has(added)).toBe(false)
    expect(chains.saved()).toHaveLength(1)
  })

  it('stay when they are done, until the one before them has come there', () => {
    const { chains, whole, added } = two()
    chains.store(added, 500, null)
    expect(chains.saved()).toHaveLength(2)
    chains.read(whole, ['499', '500'], false)
    chains.store(whole, 499, null)
    expect(chains.saved()).toEqual([])
    expect(chains.open()).toEqual([])
  })

  it('are not added behind the place that was read, nor once the order was broken', () => {
    const { chains, whole } = two()
    const begins = { lane: 'list' as const, after: '2', ids: ['2', '3'], from: 998 }
    expect(chains.add(whole, begins)).toBeNull()
    chains.read(whole, ['9', '8'], false)
    expect(
      chains.add(whole, { lane: 'list', after: '50', ids: ['50', '51'], from: 950 }),
    ).toBeNull()
    expect(chains.isCuttable()).toBe(false)
  })

  it('cannot go on where the list is in no order, once a part of it was searched', () => {
    const { chains, whole } = two()
    const begins = { lane: 'search' as const, after: '299', ids: ['300', '301'], from: 700 }
    expect(chains.add(whole, begins)).toMatchObject({ by: 'search', after: '299' })
    expect(() => chains.read(whole, ['9', '8'], false)).toThrow(ListOutOfOrder)
    expect(() => createChains(chains.saved()).read(whole, ['9', '8'], false)).toThrow(
      ListOutOfOrder,
    )
  })

  it('are cut where most is left, one cut at a time', () => {
    const { chains, whole, added } = two()
    chains.read(added, ['500', '501', '502'], false)
    const first = chains.takeWidest(100)
    expect(first).toEqual({ chain: whole, low: '2', high: '500', left: 498, above: 500 })
    expect(chains.takeWidest(100)).toMatchObject({ chain: added, high: null, left: 497, above: 0 })
    expect(chains.takeWidest(100)).toBeNull()
    if (first) chains.release(first, true)
    expect(chains.takeWidest(100)).toMatchObject({ chain: whole })
  })
})

describe('a cut', () => {
  const ids = [...Array.from({ length: 900 }, (_, n) => n + 1), 1_000_000, 5_000_000, 9_000_000]
  const firstFrom = (id: string) => {
    const place = ids.findIndex(one => one >= Number(id))
    return Promise.resolve(
      place === -1 ? null : { id: String(ids[place]), from: ids.length - place },
    )
  }

  it('parts records about in half, and not ids', async () => {
    const evenly = await findCut({ low: '1', high: '900', left: 898, above: 4 }, 10, firstFrom)
    expect(evenly).toEqual({ id: '450', from: 454 })
  })

  it('is none where ids lie so that a few searches do not find it', async () => {
    const gap = { low: '1', high: '9000000', left: 901, above: 1 }
    expect(await findCut(gap, 10, firstFrom)).toBeNull()
  })
})
