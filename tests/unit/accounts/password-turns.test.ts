import { describe, expect, test } from 'vitest'
import { createTurns, type Turn } from '../../../server/accounts/password-turns'

/** Turns whose work ends when the test says so, in the order in which it began. */
function bench() {
  const turns = createTurns({ concurrent: 2 })
  const begun: string[] = []
  const ends: (() => void)[] = []
  const refused: string[] = []
  const ask = (name: string, turn: Turn) =>
    turns
      .take(turn, async () => {
        begun.push(name)
        await new Promise<void>(resolve => ends.push(resolve))
      })
      .catch((error: unknown) => {
        refused.push(name)
        expect(error).toMatchObject({ code: 'too_many_attempts', retryAfterSeconds: 2 })
      })
  const settled = () => new Promise(resolve => setImmediate(resolve))
  async function finishOne() {
    await settled()
    ends.shift()?.()
    await settled()
  }
  return { turns, begun, refused, ask, settled, finishOne }
}

describe('turns at deriving a password', () => {
  test('are two at a time, and lanes alternate: a flood delays nobody but itself', async () => {
    const { begun, ask, settled, finishOne } = bench()
    for (let index = 0; index < 10; index++) void ask(`flood ${index}`, { lane: 'flood' })
    void ask('one', { lane: 'one' })
    void ask('two', { lane: 'two' })
    await settled()
    expect(begun).toEqual(['flood 0', 'flood 1'])
    for (let index = 0; index < 4; index++) await finishOne()
    expect(begun.slice(2)).toEqual(['one', 'two', 'flood 2', 'flood 3'])
  })

  test('of who is signed in, or of a known browser, come before all others', async () => {
    const { begun, ask, finishOne } = bench()
    for (let index = 0; index < 50; index++) void ask(`flood ${index}`, { lane: `bot ${index}` })
    void ask('owner', { lane: 'browser', isUrgent: true })
    await finishOne()
    expect(begun).toEqual(['flood 0', 'flood 1', 'owner'])
  })

  test('are refused beyond what may wait: of one account, of one lane, of all', async () => {
    const { turns, begun, refused, ask, settled } = bench()
    for (let index = 0; index < 20; index++)
      void ask('account', { lane: `from ${index}`, account: 'ada' })

    await settled()
    expect([begun.length, turns.waiting, refused.length]).toEqual([2, 10, 8])
    for (let index = 0; index < 50; index++) void ask('lane', { lane: 'crowd' })
    await settled()
    expect([turns.waiting, refused.length]).toEqual([40, 28])
    for (let index = 0; index < 50; index++) void ask('all', { lane: `many ${index}` })
    await settled()
    expect([turns.waiting, refused.length]).toEqual([60, 58])
    // Those have places of their own.
    void ask('owner', { lane: 'browser', isUrgent: true })
    await settled()
    expect([turns.waiting, refused.length]).toEqual([61, 58])
  })

  test('of a client that has hung up are given up, and never taken', async () => {
    const { turns, begun, refused, ask, finishOne } = bench()
    const gone = new AbortController()
    void ask('first', { lane: 'a' })
    void ask('second', { lane: 'a' })
    void ask('gone', { lane: 'b', signal: gone.signal })
    void ask('last', { lane: 'c' })
    gone.abort()
    void ask('gone before', { lane: 'b', signal: gone.signal })
    await finishOne()
    expect(refused.sort()).toEqual(['gone', 'gone before'])
    expect(begun).toEqual(['first', 'second', 'last'])
    expect(turns.waiting).toBe(0)
  })

  test('go on after work that failed', async () => {
    const turns = createTurns({ concurrent: 1 })
    const fails = turns.take({ lane: 'a' }, () => Promise.reject(new Error('no')))
    const works = turns.take({ lane: 'a' }, () => Promise.resolve('yes'))
    await expect(fails).rejects.toThrow('no')
    expect(await works).toBe('yes')
  })
})
