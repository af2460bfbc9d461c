import { ObjectId } from 'mongodb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Connection } from '#shared/contracts/connection'
import { createLog } from '../../server/observability/log'
import { createProgressStream } from '../../server/sync/runs/progress-stream'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

it('counts records at most every two seconds, and reads nothing when nobody listens', async () => {
  const calls = { counts: 0, views: 0 }
  const stream = createProgressStream({
    connection: {
      count: async () => ({ waiting: ++calls.counts, failed: 0 }),
      async view(_partner, _run, counted) {
        calls.views += 1
        return { summary: { message: String((await counted).waiting) } } as Connection
      },
    },
    sync: { latest: async () => [] },
    log: createLog({ level: 'silent' }),
    everyMs: 500,
  })
  const told: string[] = []
  const leave = await stream.subscribe(new ObjectId(), event => {
    if (event.event === 'connection') told.push(event.data.summary.message)
  })
  await vi.advanceTimersByTimeAsync(9900)
  expect(calls).toEqual({ counts: 5, views: 20 })
  expect(told).toEqual(['1', '2', '3', '4', '5'])
  leave()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(calls.views).toBe(20)
})
