import { gzipSync } from 'node:zlib'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { json, tokenPath, type Answerer } from '../../support/scripted-hubspot'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

let app: ConnectionApp
beforeAll(async () => {
  app = await startConnectionApp()
})
afterAll(() => app.stop())

let portal = 2000
async function connected(name: string) {
  const admin = await app.person(name)
  await app.connect(admin.browser, ++portal)
  return { ...admin, portalId: portal }
}
const refreshes = () => app.hubspot.count(tokenPath, 'refresh_token')
const forced = (person: { browser: Awaited<ReturnType<typeof connected>>['browser'] }) =>
  person.browser.request('POST', `${app.base}/refresh`, { json: {} })

describe('an answer that says nothing about the grant', () => {
  const body = {
    token_type: 'bearer',
    access_token: 'a'.repeat(40),
    refresh_token: 'r'.repeat(40),
    expires_in: 1800,
  }
  const raw =
    (
      status: number,
      type: string,
      text: string | Buffer,
      headers: Record<string, string> = {},
    ): Answerer =>
    (_request, response) =>
      void response.writeHead(status, { 'content-type': type, ...headers }).end(text)
  const answers: [string, Answerer][] = [
    ...[408, 423, 429, 477, 500, 502, 503, 504, 521, 522, 523, 524, 525, 526].map(
      (status): [string, Answerer] => [
        `status ${status}`,
        (_request, response) => json(response, status, { status: 'error', message: 'later' }),
      ],
    ),
    [
      'status 477 with Retry-After',
      (_request, response) => json(response, 477, { status: 'error' }, { 'retry-after': '3600' }),
    ],
    ['HTML with 200', raw(200, 'text/html', '<h1>hello</h1>')],
    ['HTML with 400', raw(400, 'text/html', '<h1>blocked</h1>')],
    ['HTML with 403', raw(403, 'text/html', '<h1>blocked</h1>')],
    ['HTML with 502', raw(502, 'text/html', '<h1>bad gateway</h1>')],
    ['JSON that calls itself HTML', raw(200, 'text/html', JSON.stringify(body))],
    ['an empty body', raw(200, 'application/json', '')],
    ['truncated JSON', raw(200, 'application/json', JSON.stringify(body).slice(0, -5))],
    ['bytes that are no UTF-8', raw(200, 'application/json', Buffer.from([0x7b, 0xff, 0x7d]))],
    ['an empty object', (_request, response) => json(response, 200, {})],
    ['null', raw(200, 'application/json', 'null')],
    ...(
      [
        { expires_in: '1800' },
        { expires_in: -1 },
        { expires_in: 0 },
        { expires_in: 1e12 },
        { expires_in: 1.5 },
        { hub_id: '12' },
        { hub_id: 0 },
        { hub_id: -4 },
        { hub_id: 999_999 },
        { token_type: 'mac' },
        { access_token: '' },
        { access_token: 'a b' },
        { access_token: 'a'.repeat(9000) },
        { refresh_token: 7 },
        { scopes: 'oauth' },
      ] as object[]
    ).map((part): [string, Answerer] => [
      `a wrong field ${JSON.stringify(part).slice(0, 40)}`,
      (_request, response) => json(response, 200, { ...body, ...part }),
    ]),
    ['201', (_request, response) => json(response, 201, body)],
    [
      '10 MB',
      raw(200, 'application/json', JSON.stringify({ ...body, more: 'x'.repeat(10_000_000) })),
    ],
    [
      'a gzip bomb',
      raw(200, 'application/json', gzipSync(Buffer.alloc(50_000_000, 0x20)), {
        'content-encoding': 'gzip',
      }),
    ],
    ['a reset', request => void request.socket.destroy()],
    [
      'a reset after the headers',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        response.write('{"token_type"')
        setImmediate(() => request.socket.destroy())
      },
    ],
  ]

  test('keeps the connection, whatever it is, and the next good answer heals it', async () => {
    const admin = await connected('Faults')
    const { refresh_token } = present(await app.integration(admin.partnerId))
    for (const [name, answerer] of answers) {
      app.hubspot.answer(tokenPath, answerer)
      const answer = await forced(admin)
      expect(answer.status, name).toBe(503)
      expect(answer.body, name).toMatchObject({ data: { code: 'hubspot_unavailable' } })
      expect(Number(answer.headers.get('retry-after')), name).toBeGreaterThan(0)
      const integration = present(await app.integration(admin.partnerId))
      expect([integration.status, integration.reason?.code], name).toEqual([
        'degraded',
        'hubspot_unavailable',
      ])
      expect(integration.refresh_token, name).toBe(refresh_token)
    }
    app.hubspot.answer(tokenPath, null)
    expect((await forced(admin)).status).toBe(200)
    expect(await app.integration(admin.partnerId)).toMatchObject({
      status: 'connected',
      reason: null,
      refresh_failures: 0,
    })
    console.info(`refresh: ${answers.length} unusable answers, 0 grants lost`)
  })

  test('makes the next try wait as long as HubSpot asks, and the upkeep takes it up', async () => {
    const admin = await connected('Waiting')
    app.hubspot.answer(tokenPath, (_request, response) =>
      json(response, 477, { status: 'error' }, { 'retry-after': '600' }),
    )
    await app.expire(admin.partnerId)
    await expect(
      app.services.connection.getValidAccessToken(admin.partnerId),
    ).rejects.toMatchObject({ retryAfterSeconds: 600 })
    app.hubspot.answer(tokenPath, null)
    const before = refreshes()
    await expect(
      app.services.connection.getValidAccessToken(admin.partnerId),
    ).rejects.toMatchObject({ code: 'hubspot_unavailable' })
    await app.services.connection.maintain()
    expect(refreshes()).toBe(before)
    app.time.offsetMs += 601_000
    await app.services.connection.maintain()
    expect((await app.integration(admin.partnerId))?.status).toBe('connected')
    app.time.offsetMs = 0
  })

  test('has a limit in time and leads to no other host', async () => {
    const admin = await connected('Slow')
    const seen: string[] = []
    const other = createServer((request, response) => {
      seen.push(request.url ?? '')
      response.end('{}')
    })
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/token`
    for (const status of [301, 302, 303, 307, 308]) {
      app.hubspot.answer(
        tokenPath,
        (_request, response) => void response.writeHead(status, { location }).end(),
      )
      expect((await forced(admin)).status).toBe(503)
    }
    expect(seen).toEqual([])
    await new Promise(resolve => other.close(resolve))
    const drip: NodeJS.Timeout[] = []
    app.hubspot.answer(tokenPath, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      drip.push(setInterval(() => response.write(' '), 200))
    })
    expect((await forced(admin)).status).toBe(503)
    for (const timer of drip) clearInterval(timer)
    app.hubspot.answer(tokenPath, null)
    expect((await forced(admin)).status).toBe(200)
  })
})
