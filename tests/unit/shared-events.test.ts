import { beforeEach, expect, test } from 'vitest'
import { openShared, type LiveSource, type ShareEnvironment } from '../../utils/shared-events'

type Handler = (event: { data?: unknown }) => void

interface FakeChannel {
  name: string
  isClosed: boolean
  onmessage: ((event: MessageEvent) => void) | null
}

/** The browser of several tabs: one channel and one lock for each name, opened streams in order. */
function aBrowser() {
  const streams: { fire(name: string, data?: unknown): void; isClosed: boolean }[] = []
  const channels = new Set<FakeChannel>()
  const queues = new Map<string, (() => void)[]>()
  const held = new Set<string>()
  const ticks: (() => void)[] = []

  const environment: ShareEnvironment = {
    open() {
      const handlers = new Map<string, Handler[]>()
      const stream = {
        isClosed: false,
        fire: (name: string, data?: unknown) => {
          for (const handle of handlers.get(name) ?? []) handle({ data })
        },
      }
      streams.push(stream)
      return {
        addEventListener: (name, handle) =>
          void handlers.set(name, [...(handlers.get(name) ?? []), handle]),
        close: () => void (stream.isClosed = true),
      }
    },
    channel(name) {
      const own = {
        name,
        isClosed: false,
        onmessage: null as FakeChannel['onmessage'],
        postMessage(data: unknown) {
          for (const other of channels)
            if (other !== own && other.name === name && !other.isClosed)
              other.onmessage?.({ data } as MessageEvent)
        },
        close: () => void (own.isClosed = true),
      }
      channels.add(own)
      return own
    },
    async lock(name, signal, work) {
      if (held.has(name))
        await new Promise<void>((resolve, reject) => {
          queues.set(name, [...(queues.get(name) ?? []), resolve])
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        })
      if (signal.aborted) throw new Error('aborted')
      held.add(name)
      await work()
      held.delete(name)
      queues.get(name)?.shift()?.()
    },
    setInterval: run => {
      ticks.push(run)
      return 0 as unknown as ReturnType<typeof setInterval>
    },
  }
  return { environment, streams, tick: () => ticks.forEach(run => run()) }
}

const settled = () => new Promise(resolve => setTimeout(resolve, 0))
let browser: ReturnType<typeof aBrowser>
beforeEach(() => (browser = aBrowser()))

function aTab(owner = 'ada'): { source: LiveSource; heard: string[] } {
  const source = openShared('/events', owner, ['run'], browser.environment)
  const heard: string[] = []
  for (const name of ['open', 'run', 'error'])
    source.addEventListener(name, ({ data }) =>
      heard.push(data === undefined ? name : `${name} ${String(data)}`),
    )
  return { source, heard }
}

test('seven tabs have one stream, and each hears what comes', async () => {
  const tabs = Array.from({ length: 7 }, () => aTab())
  await settled()
  expect(browser.streams).toHaveLength(1)
  browser.streams[0]?.fire('open')
  browser.streams[0]?.fire('run', '1')
  for (const { heard } of tabs) expect(heard).toEqual(['open', 'run 1'])
})

test('a tab that comes later begins with the latest that is known', async () => {
  aTab()
  await settled()
  browser.streams[0]?.fire('open')
  browser.streams[0]?.fire('run', '1')
  browser.streams[0]?.fire('run', '2')
  const later = aTab()
  // Handlers are added after the stream is opened, as with an EventSource.
  await settled()
  browser.streams[0]?.fire('run', '3')
  expect(later.heard.at(-1)).toBe('run 3')
  expect(browser.streams).toHaveLength(1)
})

test('when the tab with the stream goes, another one opens it', async () => {
  const first = aTab()
  const second = aTab()
  await settled()
  first.source.close()
  await settled()
  expect(browser.streams.map(stream => stream.isClosed)).toEqual([true, false])
  browser.streams[1]?.fire('run', '9')
  expect(second.heard).toEqual(['run 9'])
})

test('a broken stream is told to all, and so is a tab that fell asleep', async () => {
  const tabs = [aTab(), aTab()]
  await settled()
  browser.streams[0]?.fire('error')
  for (const { heard } of tabs) expect(heard).toEqual(['error'])
  for (let round = 0; round < 3; round++) browser.tick()
  // It never opened, and says nothing: the other one looks for itself.
  expect(tabs[1]?.heard).toEqual(['error', 'error'])
})

test('somebody else in the same browser has a stream of their own', async () => {
  aTab('ada')
  const other = aTab('bob')
  await settled()
  expect(browser.streams).toHaveLength(2)
  browser.streams[0]?.fire('run', 'of ada')
  expect(other.heard).toEqual([])
})
