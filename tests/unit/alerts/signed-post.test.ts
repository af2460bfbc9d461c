import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { messageBody } from '../../../server/alerts/webhook/message'
import { createSignedPost } from '../../../server/alerts/webhook/signed-post'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function aServer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const got: { request: IncomingMessage; body: string }[] = []
  const listening = createServer((request, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      got.push({ request, body })
      answer(request, response)
    })
  })
  server = listening
  await new Promise<void>(done => listening.listen(0, '127.0.0.1', done))
  return { got, port: (listening.address() as AddressInfo).port }
}
const ok = (_: IncomingMessage, response: ServerResponse) => response.end('ok')
const delivery = {
  secret: 'pcw_secret',
  body: messageBody([{ message: 'Connect <again> & go on', url: 'https://app.example/x' }]),
  id: 'one',
  event: 'test',
  now: new Date('2026-11-28T03:00:00.000Z'),
}

describe('a signed delivery', () => {
  test('can be verified with the secret, as the documentation shows', async () => {
    const { got, port } = await aServer(ok)
    const post = createSignedPost({ anywhere: true })
    expect(await post({ ...delivery, url: `http://127.0.0.1:${port}/hook?x=1` })).toEqual({
      ok: true,
      status: 200,
      problem: null,
    })
    const [{ request, body } = { request: null, body: '' }] = got
    expect(request?.url).toBe('/hook?x=1')
    const timestamp = String(request?.headers['x-partner-connector-timestamp'])
    expect(timestamp).toBe('1795834800')
    const mac = createHmac('sha256', 'pcw_secret').update(`${timestamp}.${body}`).digest('hex')
    expect(request?.headers['x-partner-connector-signature']).toBe(`v1=${mac}`)
    expect(JSON.parse(body)).toEqual({
      text: 'Connect &lt;again&gt; &amp; go on\nhttps://app.example/x',
    })
  })

  test('goes to the address that was looked at: the name is not resolved once more', async () => {
    const { got, port } = await aServer(ok)
    let asked = 0
    const post = createSignedPost({
      anywhere: true,
      resolve: async () => {
        asked += 1
        return [{ address: '127.0.0.1', family: 4 }]
      },
    })
    const url = `http://never-resolves.invalid:${port}/`
    expect((await post({ ...delivery, url })).ok).toBe(true)
    expect([asked, got[0]?.request.headers.host]).toEqual([1, `never-resolves.invalid:${port}`])
  })

  test('does not leave for a private address, nor without https', async () => {
    const { got, port } = await aServer(ok)
    const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
    const post = createSignedPost({ anywhere: false, resolve })
    for (const url of [
      `https://hooks.example:${port}/`,
      `https://127.0.0.1:${port}/`,
      `http://8.8.8.8:${port}/`,
    ])
      expect(await post({ ...delivery, url })).toMatchObject({ ok: false, problem: 'not_public' })
    expect(got).toEqual([])
  })

  test.each([
    [302, 'redirected'],
    [404, 'refused'],
    [500, 'refused'],
  ])('answered with %i counts as %s, and no redirect is followed', async (status, problem) => {
    const { got, port } = await aServer((_, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
    const post = createSignedPost({ anywhere: true })
    expect(await post({ ...delivery, url: `http://127.0.0.1:${port}/` })).toEqual({
      ok: false,
      status,
      problem,
    })
    expect(got).toHaveLength(1)
  })

  test('to nobody says that nobody was reached', async () => {
    const post = createSignedPost({ anywhere: true })
    expect(await post({ ...delivery, url: 'http://127.0.0.1:1/' })).toMatchObject({
      problem: 'unreachable',
    })
  })
})

test('several notices are one message', () => {
  const one = { message: 'A stage was renamed', url: 'https://app.example/a' }
  const { text } = JSON.parse(messageBody([one, one])) as { text: string }
  expect(text).toContain('2 notices')
})
