import { defineEventHandler, getRequestHeader, setResponseStatus } from 'h3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoutePolicy } from '../../server/http/policy'
import type { RunningApp } from '../support/app'
import type { TestPartner } from '../support/builders'
import { startCarelessServer } from '../support/careless-server'
import { codeOf, createClient, type Client } from '../support/client'
import { changingRoutes, pathOf } from '../support/routes'
import { present } from '../support/present'
import { startStack, type Stack } from '../support/stack'

let app: RunningApp
let stack: Stack
let partner: TestPartner
let admin: Client
beforeAll(async () => {
  stack = await startStack()
  app = stack.app
  partner = await stack.aPartner()
  admin = createClient(app.url)
  await admin.signIn(partner.admin.email, partner.admin.password)
})
afterAll(async () => {
  await stack.stop()
})

const foreign: [string, (url: string) => Record<string, string>][] = [
  ['another site, as the browser says', url => ({ 'sec-fetch-site': 'cross-site', origin: url })],
  ['a neighbour on the same site', url => ({ 'sec-fetch-site': 'same-site', origin: url })],
  ['the address bar or a bookmark', () => ({ 'sec-fetch-site': 'none' })],
  ['another origin, from an old browser', () => ({ origin: 'https://evil.example' })],
  ['an opaque origin', () => ({ origin: 'null' })],
  ['an origin that begins like ours', url => ({ origin: `${url}.evil.example` })],
  ['our host over https', url => ({ origin: url.replace('http:', 'https:') })],
  ['our host on another port', url => ({ origin: `${url}1` })],
  [
    'an origin that claims to be the same site by header',
    () => ({ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }),
  ],
  ['a nonsense of a header', url => ({ 'sec-fetch-site': 'SAME-ORIGIN ', origin: `${url}/` })],
]

const types: [string, string | undefined, string][] = [
  ['text/plain', 'text/plain', '{}'],
  ['a form', 'application/x-www-form-urlencoded', 'email=a&password=b'],
  ['a multipart form', 'multipart/form-data; boundary=x', '--x--'],
  ['JSON of another name', 'application/json5', '{}'],
  ['JSON in another encoding', 'application/json; charset=utf-16', '{}'],
]

/** The forms of a request from elsewhere that were not refused as they should be. */
async function letThrough(client: Client, url: string, route: RoutePolicy): Promise<string[]> {
  const through: string[] = []
  for (const [what, headersFor] of foreign) {
    const answer = await client.request(route.method, pathOf(route), {
      json: {},
      headers: headersFor(url),
    })
    if (
      answer.status !== 403 ||
      codeOf(answer) !== 'csrf_rejected' ||
      answer.headers.getSetCookie().length > 0
    )
      through.push(what)
  }
  for (const [what, type, body] of types) {
    const answer = await client.request(route.method, pathOf(route), {
      body,
      headers: {
        origin: url,
        'sec-fetch-site': 'same-origin',
        ...(type ? { 'content-type': type } : {}),
      },
    })
    if (answer.status !== 415 || codeOf(answer) !== 'unsupported_media_type') through.push(what)
  }
  return through
}

describe('a request that another site makes the browser send', () => {
  it.each(changingRoutes.map(route => [`${route.method} ${route.path}`, route] as const))(
    '%s is refused from everywhere else and in every other form',
    async (_name, route) => {
      const before = await admin.get('/api/v1/auth/me')
      expect(await letThrough(admin, app.url, route)).toEqual([])
      expect((await admin.get('/api/v1/auth/me')).json).toEqual(before.json)
    },
  )

  it('was worth refusing: the same request from our own page, and from a script, is taken', async () => {
    for (const headers of [{ origin: app.url, 'sec-fetch-site': 'same-origin' }, {}] as Record<
      string,
      string
    >[]) {
      const client = createClient(app.url)
      expect(
        (
          await client.request('POST', '/api/v1/auth/login', {
            json: { email: partner.admin.email, password: partner.admin.password },
            headers,
          })
        ).status,
      ).toBe(200)
    }
  })

  it('would be seen to get through, by the same forms, where a route forgot its guard or looks at half of it', async () => {
    const route = present(changingRoutes.find(candidate => candidate.path.endsWith('/settings')))
    const open = defineEventHandler(() => ({ done: true }))
    const onlyOrigin = defineEventHandler(event => {
      if (getRequestHeader(event, 'origin')?.startsWith('http://127.0.0.1') !== false)
        return { done: true }
      setResponseStatus(event, 403)
      return { data: { code: 'csrf_rejected' } }
    })
    for (const [handler, expected] of [
      [open, foreign.length + types.length],
      [onlyOrigin, 5 + types.length],
    ] as const) {
      const careless = await startCarelessServer([[route.method, pathOf(route), handler]])
      try {
        const through = await letThrough(createClient(careless.url), careless.url, route)
        expect(through.length).toBeGreaterThanOrEqual(expected)
        expect(through).toContain('text/plain')
      } finally {
        await careless.stop()
      }
    }
  })

  it('tells how many were tried', () => {
    process.stdout.write(
      `CSRF: ${changingRoutes.length} routes × ${foreign.length + types.length} forms = ${changingRoutes.length * (foreign.length + types.length)} requests, all refused\n`,
    )
    expect(changingRoutes.length).toBeGreaterThan(10)
  })
})
