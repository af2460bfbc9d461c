import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type RunningApp } from '../support/app'
import { aPartner, type TestPartner } from '../support/builders'
import { codeOf, createClient, type Client } from '../support/client'
import { testDatabase, type TestDatabase } from '../support/mongo'
import { changingRoutes, pathOf } from '../support/routes'

let app: RunningApp
let db: TestDatabase
let partner: TestPartner
let admin: Client
beforeAll(async () => {
  db = await testDatabase()
  app = await startApp({ mongodbUri: db.uri, database: db.database })
  partner = await aPartner({ mongodbUri: db.uri, database: db.database })
  admin = createClient(app.url)
  await admin.signIn(partner.admin.email, partner.admin.password)
})
afterAll(async () => {
  await app.stop()
  await db.drop()
})

const foreign: [string, (url: string) => Record<string, string>][] = [
  ['another site, as the browser says', url => ({ 'sec-fetch-site': 'cross-site', 'origin': url })],
  ['a neighbour on the same site', url => ({ 'sec-fetch-site': 'same-site', 'origin': url })],
  ['the address bar or a bookmark', () => ({ 'sec-fetch-site': 'none' })],
  ['another origin, from an old browser', () => ({ origin: 'https://evil.example' })],
  ['an opaque origin', () => ({ origin: 'null' })],
  ['an origin that begins like ours', url => ({ origin: `${url}.evil.example` })],
  ['our host over https', url => ({ origin: url.replace('http:', 'https:') })],
  ['our host on another port', url => ({ origin: `${url}1` })],
  ['an origin that claims to be the same site by header', () => ({ 'sec-fetch-site': 'same-origin', 'origin': 'https://evil.example' })],
  ['a nonsense of a header', url => ({ 'sec-fetch-site': 'SAME-ORIGIN ', 'origin': `${url}/` })],
]

const types: [string, string | undefined, string][] = [
  ['text/plain', 'text/plain', '{}'],
  ['a form', 'application/x-www-form-urlencoded', 'email=a&password=b'],
  ['a multipart form', 'multipart/form-data; boundary=x', '--x--'],
  ['JSON of another name', 'application/json5', '{}'],
  ['JSON in another encoding', 'application/json; charset=utf-16', '{}'],
]

describe('a request that another site makes the browser send', () => {
  it.each(changingRoutes.map(route => [`${route.method} ${route.path}`, route] as const))('%s is refused from everywhere else and in every other form', async (_name, route) => {
    const before = await admin.get('/api/v1/auth/me')
    for (const [what, headersFor] of foreign) {
      const answer = await admin.request(route.method, pathOf(route), { json: {}, headers: headersFor(app.url) })
      expect([answer.status, codeOf(answer)], what).toEqual([403, 'csrf_rejected'])
      expect(answer.headers.getSetCookie(), what).toEqual([])
    }
    for (const [what, type, body] of types) {
      const answer = await admin.request(route.method, pathOf(route), { body, headers: { 'origin': app.url, 'sec-fetch-site': 'same-origin', ...(type ? { 'content-type': type } : {}) } })
      expect([answer.status, codeOf(answer)], what).toEqual([415, 'unsupported_media_type'])
    }
    expect((await admin.get('/api/v1/auth/me')).json).toEqual(before.json)
  })

  it('was worth refusing: the same request from our own page, and from a script, is taken', async () => {
    for (const headers of [{ 'origin': app.url, 'sec-fetch-site': 'same-origin' }, {}] as Record<string, string>[]) {
      const client = createClient(app.url)
      expect((await client.request('POST', '/api/v1/auth/login', { json: { email: partner.admin.email, password: partner.admin.password }, headers })).status).toBe(200)
    }
  })

  it('tells how many were tried', () => {
    process.stdout.write(`CSRF: ${changingRoutes.length} routes × ${foreign.length + types.length} forms = ${changingRoutes.length * (foreign.length + types.length)} requests, all refused\n`)
    expect(changingRoutes.length).toBeGreaterThan(10)
  })
})
