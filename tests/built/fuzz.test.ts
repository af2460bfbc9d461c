import { connect } from 'node:net'
import fc from 'fast-check'
import { defineEventHandler, readBody } from 'h3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policy } from '../../server/http/policy'
import type { RunningApp } from '../support/app'
import { logLevel } from '../support/canary'
import { startCarelessServer } from '../support/careless-server'
import { createClient, type Client } from '../support/client'
import { anyBody, anyQuery, queryText } from '../support/fuzz-input'
import { shareOf, shortOrWhole } from '../support/proofs'
import { isStream, pathOf } from '../support/routes'
import { startStack, type Stack } from '../support/stack'

let app: RunningApp
let stack: Stack
let client: Client
beforeAll(async () => {
  stack = await startStack({
    env: { NUXT_LOG_LEVEL: logLevel('error'), NUXT_HUBSPOT_TOKEN_ROUTE: 'true' },
  })
  app = stack.app
  const partner = await stack.aPartner()
  client = createClient(app.url)
  await client.signIn(partner.admin.email, partner.admin.password)
})
let requests = 0
/** All of it leaves the server well. */
afterAll(async () => {
  try {
    expect((await client.get('/readyz')).status).toBe(200)
    expect((await client.get('/api/v1/auth/me')).status).toBe(200)
    expect(app.output()).not.toContain('"code":"internal_error"')
    process.stdout.write(`Fuzzing: ${requests} requests to ${routes.length} routes, no 5xx\n`)
    expect(requests).toBeGreaterThan(shortOrWhole(1500, 4000))
  } finally {
    await stack.stop()
  }
})

/**
 * Signing in is throttled and slow by intent, signing out would end the session; both have tests of
 * their own.
 */
const routes = policy.filter(
  route => !isStream(route) && !route.path.includes('/auth/') && route.role !== 'probe',
)
const changing = routes.filter(route => route.method !== 'GET')

/** @returns what is wrong with the answer, `null` when nothing is */
async function problemWith(
  asked: Client,
  method: string,
  path: string,
  options: Parameters<Client['request']>[2] = {},
): Promise<string | null> {
  const answer = await asked.request(method, path, options)
  // 503 is the answer of a route that needs HubSpot, which is away here; it says so and nothing
  // else.
  const away = answer.status === 503 && answer.text.includes('"code":"hubspot_unavailable"')
  if (answer.status >= 500 && !away)
    return `${method} ${path} ${JSON.stringify(options)} → ${answer.status} ${answer.text.slice(0, 300)}`
  return /\bat .*\.[mc]?[jt]s:\d+|MongoServerError|ZodError/.test(answer.text)
    ? `${method} ${path} shows what is inside: ${answer.text.slice(0, 300)}`
    : null
}

async function send(
  method: string,
  path: string,
  options: Parameters<Client['request']>[2] = {},
): Promise<void> {
  requests++
  expect(await problemWith(client, method, path, options)).toBeNull()
}

describe('input of any shape (P8)', () => {
  it('in a body makes no 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...changing), anyBody, (route, json) =>
        send(route.method, pathOf(route), { json }),
      ),
      { numRuns: shortOrWhole(300, 600) },
    )
  })

  it('in a query makes no 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes.filter(route => route.method === 'GET')),
        anyQuery,
        (route, pairs) => send(route.method, `${pathOf(route)}?${queryText(pairs)}`),
      ),
      { numRuns: shortOrWhole(300, 600) },
    )
  })

  it('in a path makes no 5xx', async () => {
    const segments = [
      '%00',
      '%ff',
      '%2e%2e',
      '..%2f..',
      '%c0%ae',
      'a'.repeat(3000),
      '0'.repeat(24),
      'F'.repeat(24),
      '-1',
      '[object%20Object]',
      '%7B%22$ne%22:1%7D',
      '__proto__',
      'constructor',
      '1e3',
      'null',
      ';a=b',
      '%0d%0aSet-Cookie:%20a=b',
    ]
    for (const [place, route] of routes.entries()) {
      for (const segment of shareOf(segments, place, 3)) {
        const path = route.path.includes('/:')
          ? pathOf(route, { ':id': segment, ':object': segment })
          : `${pathOf(route)}/${segment}`
        await send(route.method, path, route.method === 'GET' ? {} : { json: {} })
      }
    }
  })

  it('as bytes of any kind makes no 5xx', async () => {
    const bodies: [string, BodyInit][] = [
      ['nothing', ''],
      ['half', '{'],
      ['a number', '1'],
      ['NaN', 'NaN'],
      ['null', 'null'],
      ['two values', '{}{}'],
      ['a byte order mark', '\uFEFF{}'],
      ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
      ['deep', '['.repeat(200_000)],
      ['deep objects', '{"a":'.repeat(50_000)],
      [
        'many keys',
        JSON.stringify(
          Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1])),
        ),
      ],
      ['a prototype', '{"__proto__":{"polluted":true}}'],
      ['a constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
      ['twice the same key', '{"email":"a@b.test","email":{"$ne":""}}'],
      ['1e400', '{"revision":1e400}'],
      ['-0', '{"revision":-0}'],
      ['beyond safe integers', '{"revision":9007199254740993}'],
    ]
    for (const [place, route] of changing.entries()) {
      for (const [, bytes] of shareOf(bodies, place, 4))
        await send(route.method, pathOf(route), {
          body: bytes,
          headers: { 'content-type': 'application/json' },
        })
    }
  })

  it('that is too large is refused while it arrives', async () => {
    for (const route of changing) {
      requests++
      const answer = await client
        .request(route.method, pathOf(route), {
          body: `"${'a'.repeat(3 * 1024 * 1024)}"`,
          headers: { 'content-type': 'application/json' },
        })
        .catch(() => undefined)
      // The server may close the connection before the client has sent everything.
      if (answer) expect([413, 401], `${route.method} ${route.path}`).toContain(answer.status)
    }
  })

  it('in headers makes no 5xx', async () => {
    const values = [
      'a'.repeat(7000),
      '\u00FF\u00FE',
      '{"$ne":""}',
      '%0d%0aa:b',
      '"',
      "'",
      ',,,,',
      ';;;=;',
    ]
    const names = [
      'cookie',
      'origin',
      'sec-fetch-site',
      'content-type',
      'accept',
      'x-forwarded-for',
      'x-hubspot-signature-v3',
      'x-hubspot-request-timestamp',
      'if-none-match',
      'range',
      'last-event-id',
      'x-http-method-override',
      'x-nuxt-error',
    ]
    for (const [place, value] of values.entries()) {
      for (const name of shareOf(names, place, 2)) {
        await send('GET', '/api/v1/auth/me', { headers: { [name]: value } })
        await send('POST', '/api/v1/leads/webhooks/hubspot', {
          json: [],
          headers: { [name]: value },
        })
        await send('GET', '/login', { headers: { [name]: value } })
      }
    }
  })

  it('that is no HTTP makes no 5xx and no crash', async () => {
    const { port } = app
    for (const bytes of [
      'GET / HTTP/1.1\r\n\r\n',
      'GET /\r\n\r\n',
      'POST /api/v1/leads HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /api/v1/leads HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
      'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      '\u0000\u0001\u0002\r\n\r\n',
      'GET http://evil.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      'GET //evil.example/%2f.. HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ]) {
      requests++
      const answer = await new Promise<string>(resolve => {
        let received = ''
        const socket = connect(port, 'localhost', () => socket.end(bytes))
        socket
          .on('data', chunk => (received += chunk.toString('latin1')))
          .on('close', () => resolve(received))
          .on('error', () => resolve(received))
      })
      expect(answer, bytes).not.toMatch(/^HTTP\/1\.1 5/)
      expect(answer, bytes).not.toMatch(/location: .*evil/i)
    }
  })

  it('would be seen to make one, where a handler takes its input as it comes', async () => {
    const careless = await startCarelessServer([
      [
        'POST',
        '/throws',
        defineEventHandler(async event =>
          (await readBody<{ email: string }>(event)).email.toLowerCase(),
        ),
      ],
      ['POST', '/tells', defineEventHandler(() => ({ message: new Error('inside').stack }))],
    ])
    try {
      const asked = createClient(careless.url)
      const problems = await Promise.all(
        fc.sample(anyBody, 100).map(json => problemWith(asked, 'POST', '/throws', { json })),
      )
      expect(problems.some(problem => problem?.includes('→ 500'))).toBe(true)
      expect(await problemWith(asked, 'POST', '/tells', { json: {} })).toContain(
        'shows what is inside',
      )
    } finally {
      await careless.stop()
    }
  })
})
