import { EventEmitter } from 'node:events'
import type { MongoClient } from 'mongodb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { watchClient, type Reopening } from '../../../server/database/client-watch'

class FakeClient extends EventEmitter {
  closed = 0
  /** What connecting does: the driver says that it has a server, or throws */
  connecting: () => void = () => this.sees('Standalone')
  async close(): Promise<void> {
    this.closed += 1
    this.emit('topologyClosed', {})
  }
  async connect(): Promise<void> {
    this.connecting()
  }
  sees(server: string, type = 'Single'): void {
    this.emit('topologyDescriptionChanged', {
      newDescription: { type, servers: new Map([['a:1', { type: server }]]) },
    })
  }
}

let client: FakeClient
let ping: ReturnType<typeof vi.fn<() => Promise<void>>>
let reported: Reopening[]
let watch: ReturnType<typeof watchClient>

beforeEach(() => {
  vi.useFakeTimers()
  client = new FakeClient()
  ping = vi.fn(async () => {})
  reported = []
  watch = watchClient({
    client: client as unknown as MongoClient,
    ping,
    onReopening: each => reported.push(each),
  })
})
afterEach(() => {
  watch.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('a client without a server', () => {
  test('is opened again while the database answers somebody else', async () => {
    client.sees('Standalone')
    client.sees('Unknown')
    await pass(20_000)
    expect(client.closed).toBe(1)
    expect(watch.reopenings()).toBe(1)
    expect(reported).toMatchObject([{ outcome: 'reopened' }])
    expect(reported[0]?.withoutServerMs).toBeGreaterThanOrEqual(5000)
  })

  test('is left alone while the database is away', async () => {
    ping.mockRejectedValue(new Error('away'))
    client.sees('Standalone')
    client.sees('Unknown')
    await pass(60_000)
    expect(ping).toHaveBeenCalled()
    expect(client.closed).toBe(0)
  })

  test('is left alone when it finds its server by itself', async () => {
    client.sees('Standalone')
    client.sees('Unknown')
    await pass(3000)
    client.sees('Standalone')
    await pass(60_000)
    expect(ping).not.toHaveBeenCalled()
    expect(client.closed).toBe(0)
  })

  test('is left alone before it had one: who prepares the database connects it', async () => {
    client.sees('Unknown')
    await pass(60_000)
    expect(client.closed).toBe(0)
  })

  test('is opened again and again, not more often than every ten seconds', async () => {
    client.connecting = () => {
      throw new Error('refused')
    }
    client.sees('Standalone')
    client.sees('Unknown')
    await pass(60_000)
    expect(client.closed).toBeGreaterThanOrEqual(5)
    expect(client.closed).toBeLessThanOrEqual(6)
    expect(reported.every(({ outcome }) => outcome === 'failed')).toBe(true)

    client.connecting = () => client.sees('Standalone')
    await pass(12_000)
    expect(reported.at(-1)?.outcome).toBe('reopened')
    const { closed } = client
    await pass(60_000)
    expect(client.closed).toBe(closed)
  })

  test.each(['RSSecondary', 'Unknown', 'RSGhost', 'PossiblePrimary'])(
    'of a replica set is one that sees %s only',
    async server => {
      client.sees('RSPrimary', 'ReplicaSetWithPrimary')
      client.sees(server, 'ReplicaSetNoPrimary')
      await pass(8000)
      expect(client.closed).toBe(1)
    },
  )
})

describe('a client whose connections give no answer', () => {
  /** Pings of a request that waits, as `whileReachable` reports them */
  async function silentFor(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 2000) {
      watch.noteSilence()
      await pass(2000)
    }
  }
  beforeEach(() => client.sees('Standalone'))

  test('is opened again after eight seconds of silence', async () => {
    await silentFor(8000)
    expect(client.closed).toBe(0)
    await silentFor(4000)
    expect(client.closed).toBe(1)
  })

  test('is left alone when one of them answers meanwhile: it is only busy', async () => {
    for (let turn = 0; turn < 5; turn++) {
      await silentFor(6000)
      client.emit('connectionCheckedIn', {})
    }
    expect(client.closed).toBe(0)
  })

  test('is left alone when nobody asked in between', async () => {
    watch.noteSilence()
    await pass(60_000)
    watch.noteSilence()
    await pass(1000)
    expect(client.closed).toBe(0)
  })
})

test('a client that is closed for good is not opened again', async () => {
  client.sees('Standalone')
  client.sees('Unknown')
  watch.stop()
  await client.close()
  await pass(60_000)
  expect(reported).toEqual([])
})
