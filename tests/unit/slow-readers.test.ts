import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createApp, defineEventHandler, toNodeListener, type H3Event } from 'h3'
import { afterEach, expect, test, vi } from 'vitest'
import { sendEventStream } from '../../server/http/event-stream'
import { sendCsv } from '../../server/http/send-csv'
import { createLog } from '../../server/observability/log'
import { present } from '../support/present'
import { until } from '../support/until'

// A reader that never reads: a socket that asks and takes nothing of the answer. What the two
// kernels keep for it is some megabytes; the rest waits in the process.

const log = createLog({ level: 'silent' })
const piece = 'x'.repeat(64 * 1024)
/** More than the kernels of both sides and the process's own bound take, in pieces */
const plenty = 1024
const undo: (() => void)[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const end of undo.splice(0)) end()
})

/** A server with one handler, and a socket that asked it and does not read. */
async function asked(handler: (event: H3Event) => Promise<void>): Promise<Socket> {
  const app = createApp()
  app.use(defineEventHandler(handler))
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  undo.push(() => {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return socket
}

/** An event stream to somebody who does not read it. */
async function unreadStream() {
  let send: ((event: string, data: unknown) => void) | undefined
  let response: H3Event['node']['res'] | undefined
  let ended = 0
  await asked(async event => {
    response = event.node.res
    await sendEventStream(event, {
      mayContinue: () => Promise.resolve(true),
      subscribe: tell => {
        send = tell
        return Promise.resolve(() => void ended++)
      },
      onDrain: () => () => {},
    })
  })
  await until(async () => response?.headersSent === true, 'the stream is open')
  const res = present(response)
  return {
    res,
    send: present(send),
    /** How often its subscription was ended */
    ended: () => ended,
  }
}

test('a reader of events that never reads is cut once a megabyte waits for it', async () => {
  const { res, send, ended } = await unreadStream()
  let most = 0
  for (let turn = 0; turn < plenty && ended() === 0; turn++) {
    send('run', piece)
    most = Math.max(most, res.writableLength)
    await nextTurn()
  }
  expect(ended()).toBe(1)
  expect(res.destroyed).toBe(true)
  expect(most).toBeLessThan(1024 * 1024 + 2 * piece.length)
})

test('a reader of events that takes nothing for minutes is cut, however little waits for it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { res, send, ended } = await unreadStream()
  // Full is what keeps bytes waiting, turn after turn.
  for (let full = 0, turn = 0; full < 20 && turn < plenty; turn++) {
    full = res.writableLength > 0 ? full + 1 : 0
    if (full === 0) send('run', piece)
    await nextTurn()
  }
  expect(res.writableLength).toBeGreaterThan(0)
  vi.advanceTimersByTime(20_000)
  expect([ended(), res.destroyed]).toEqual([0, false])
  vi.advanceTimersByTime(100_000)
  expect([ended(), res.destroyed]).toEqual([1, true])
})

test('a reader of an export that never reads is cut, and nothing more is read for it', async () => {
  let pieces = 0
  let over = false
  async function* lines(): AsyncGenerator<string, void> {
    try {
      for (;;) {
        pieces++
        await nextTurn()
        yield piece
      }
    } finally {
      over = true
    }
  }
  await asked(event => sendCsv(event, lines(), { fileName: 'leads.csv', log, cutAfterMs: 50 }))
  await until(async () => over, 'the export has ended')
  expect(pieces).toBeLessThan(plenty)
})
