import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGroupCommit, type GroupCommitOptions } from '../../server/sync/webhooks/group-commit'

const maxWaitMs = 4000
const giveUpMs = 60_000

afterEach(() => void vi.useRealTimers())

/** A store whose writes end when the test says so. */
function aStore(options: Partial<GroupCommitOptions<string, number>> = {}) {
  const writes: {
    entries: string[][]
    end(outcomes: (number | Error)[]): void
    fail(error: unknown): void
  }[] = []
  const commit = createGroupCommit<string, number>({
    groupSize: 5,
    maxWaiting: 10,
    maxWaitMs,
    giveUpMs,
    ...options,
    write: entries =>
      new Promise(
        (resolve, reject) =>
          void writes.push({
            entries: entries.map(items => [...items]),
            end: resolve,
            fail: reject,
          }),
      ),
  })
  const write = (index: number) =>
    expect
      .poll(() => writes[index], { interval: 1 })
      .toBeDefined()
      .then(() => writes[index] as (typeof writes)[number])
  return { commit, writes, write }
}

describe('a group commit', () => {
  it('writes what arrives together at once, and what arrives meanwhile in one go, in the order it came', async () => {
    const { commit, write } = aStore()
    const first = [commit.add(['a']), commit.add(['b'])]
    const one = await write(0)
    expect(one.entries).toEqual([['a'], ['b']])
    const later = [commit.add(['c', 'd']), commit.add(['e']), commit.add(['f'])]
    one.end([1, 1])
    expect(await Promise.all(first)).toEqual([1, 1])
    const two = await write(1)
    expect(two.entries).toEqual([['c', 'd'], ['e'], ['f']])
    two.end([2, 0, 1])
    expect(await Promise.all(later)).toEqual([2, 0, 1])
  })

  it('never splits an entry, and begins another group where one would not fit', async () => {
    const { commit, write } = aStore({ maxWaiting: 20 })
    const parts = ['abc', 'def', 'ghijklm'].map(text => Array.from(text))
    const all = parts.map(part => commit.add(part))
    for (const [index, part] of parts.entries()) {
      const each = await write(index)
      expect(each.entries).toEqual([part])
      each.end([1])
    }
    expect(await Promise.all(all)).toEqual([1, 1, 1])
  })

  it('tells each entry of a failed write, and only them', async () => {
    const { commit, write } = aStore()
    const lost = [commit.add(['a']), commit.add(['b'])]
    const one = await write(0)
    const kept = commit.add(['c'])
    one.fail(new Error('away'))
    expect((await Promise.allSettled(lost)).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ])
    ;(await write(1)).end([1])
    expect(await kept).toBe(1)
  })

  it('tells an entry apart that was not stored, or of which nothing is said', async () => {
    const { commit, write } = aStore()
    const [good, bad, unknown] = [commit.add(['a']), commit.add(['b']), commit.add(['c'])]
    const settled = Promise.allSettled([good, bad, unknown])
    ;(await write(0)).end([1, new Error('not stored')])
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ])
  })

  it('refuses at once what would make too much wait, and takes more when there is room', async () => {
    const { commit, write } = aStore()
    const first = commit.add(['a'])
    const one = await write(0)
    const waiting = [commit.add(Array.from('bcdef')), commit.add(Array.from('ghijk'))]
    await expect(commit.add(['l'])).rejects.toMatchObject({
      code: 'database_unavailable',
      retryAfterSeconds: 5,
    })
    one.end([1])
    ;(await write(1)).end([5])
    const more = commit.add(['m'])
    ;(await write(2)).end([5])
    ;(await write(3)).end([1])
    expect(await Promise.all([first, ...waiting, more])).toEqual([1, 5, 5, 1])
  })

  it('keeps nobody waiting for a write that does not end, and goes on when it has ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { commit, writes, write } = aStore()
    const late = [commit.add(['a']), commit.add(['b'])]
    const one = await write(0)
    late.push(commit.add(['c']))
    const answers = Promise.allSettled(late)
    await vi.advanceTimersByTimeAsync(maxWaitMs)
    expect(
      (await answers).map(
        each => each.status === 'rejected' && (each.reason as { code: string }).code,
      ),
    ).toEqual(Array(3).fill('database_unavailable'))
    expect(writes).toHaveLength(1)
    one.end([1, 1])
    void commit.add(['d']).catch(() => {})
    // What was given up before its write began is not written.
    expect((await write(1)).entries).toEqual([['d']])
  })

  it('begins the next write beside one that never ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { commit, writes, write } = aStore()
    const answerTo = (item: string) =>
      commit.add([item]).catch((error: unknown) => (error as { code: string }).code)
    const lost = answerTo('a')
    await write(0)
    // HubSpot sends again until it is taken.
    await vi.advanceTimersByTimeAsync(giveUpMs - maxWaitMs - 1)
    expect(await lost).toBe('database_unavailable')
    const tooEarly = answerTo('b')
    await vi.advanceTimersByTimeAsync(maxWaitMs)
    expect(await tooEarly).toBe('database_unavailable')
    const taken = answerTo('c')
    expect(writes).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    const next = await write(1)
    expect(next.entries).toEqual([['c']])
    next.end([1])
    expect(await taken).toBe(1)
  })
})
