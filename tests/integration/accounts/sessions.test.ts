import type { H3Event } from 'h3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { browserName } from '../../../server/accounts/browser-name'
import { SessionList, type Session } from '#shared/contracts/account'
import end from '../../../server/api/v1/auth/sessions/[id].delete'
import endAll from '../../../server/api/v1/auth/sessions/index.delete'
import list from '../../../server/api/v1/auth/sessions/index.get'
import me from '../../../server/api/v1/auth/me.get'
import { createClient } from '../../support/client'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { mountRoutes } from '../../support/mount-routes'
import { present } from '../../support/present'

// Sign-ins cost what a password hash costs; on a busy machine many of them take their time.
vi.setConfig({ testTimeout: 120_000 })

const path = '/api/v1/auth/sessions'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

let app: ConnectionApp
let http: Awaited<ReturnType<typeof mountRoutes>>
beforeAll(async () => {
  app = await startConnectionApp()
  http = await mountRoutes(app.services, [
    { method: 'GET', path: '/api/v1/auth/me', handler: me },
    { method: 'GET', path, handler: list },
    { method: 'DELETE', path, handler: endAll },
    { method: 'DELETE', path: `${path}/:id`, handler: end },
  ])
})
afterAll(async () => {
  await http.close()
  await app.stop()
})

async function signIn(email: string, userAgent?: string) {
  const client = createClient(http.url)
  const answer = await client.request('POST', '/api/v1/auth/login', {
    json: { email, password: 'a long enough password' },
    headers: userAgent ? { 'user-agent': userAgent } : {},
  })
  expect(answer.status).toBe(200)
  return client
}
type Client = Awaited<ReturnType<typeof signIn>>
const sessionsOf = async (client: Client): Promise<Session[]> =>
  SessionList.parse((await client.get(path)).json).items
const isIn = async (client: Client) => (await client.get('/api/v1/auth/me')).status === 200
const audited = async (action: string) =>
  await app.services.database.collections.auditLog.find({ action }).toArray()

describe('who is signed in', () => {
  test('is looked up once a request, and each asker has a copy of its own', async () => {
    const { email } = await app.person('Copied')
    const client = await signIn(email)
    const request = { context: {}, node: { req: { headers: { cookie: client.cookie } } } }
    const asked = request as unknown as H3Event
    const { sessions } = app.services.accounts
    const one = await sessions.require(asked)
    one.from = { address: '203.0.113.9', userAgent: null, correlationId: 'c-1' }
    expect((await sessions.require(asked)).from).toBeUndefined()
  })
})

describe('the list of sessions', () => {
  test("shows one's own live ones, by browser and time, the present one marked", async () => {
    const { email } = await app.person('Listed')
    const colleague = await app.person('Listed')
    const one = await signIn(email, firefox)
    const two = await signIn(email, safari)
    const sessions = await sessionsOf(two)
    expect(sessions.map(session => session.browser)).toEqual(
      expect.arrayContaining(['Firefox on Linux', 'Safari on iOS']),
    )
    expect(sessions.filter(session => session.current).map(session => session.browser)).toEqual([
      'Safari on iOS',
    ])
    expect(sessions).toHaveLength(3)
    expect((await sessionsOf(one)).find(session => session.current)?.browser).toBe(
      'Firefox on Linux',
    )
    expect(await sessionsOf(await signIn(colleague.email))).toHaveLength(2)
    expect((await two.get(path)).text).not.toContain('Gecko')
  })

  test('forgets those that were idle for twelve hours or are a day old, as do the routes', async () => {
    const { email } = await app.person('Idle')
    const hour = 60 * 60 * 1000
    try {
      const [idle, busy] = [await signIn(email), await signIn(email)]
      app.time.offsetMs = 11 * hour
      expect(await isIn(busy)).toBe(true)
      app.time.offsetMs = 13 * hour
      expect([await isIn(idle), await isIn(busy)]).toEqual([false, true])
      expect(await sessionsOf(busy)).toHaveLength(1)
      app.time.offsetMs = 22 * hour
      expect(await isIn(busy)).toBe(true)
      app.time.offsetMs = 24 * hour + 10_000
      expect(await isIn(busy)).toBe(false)
    } finally {
      app.time.offsetMs = 0
    }
  })
})

describe('ending a session', () => {
  test('counts at the next request, is audited, and leaves the others alone', async () => {
    const { email, partnerId, userId } = await app.person('Ends one')
    const [here, there] = [await signIn(email), await signIn(email, safari)]
    const other = (await sessionsOf(here)).find(session => session.browser === 'Safari on iOS')
    const answer = await here.request('DELETE', `${path}/${other?.id}`)
    expect(answer.json).toEqual({ ended: 1 })
    expect(answer.headers.getSetCookie()).toEqual([])
    expect([await isIn(here), await isIn(there)]).toEqual([true, false])
    expect((await sessionsOf(here)).map(session => session.id)).not.toContain(other?.id)
    expect((await here.request('DELETE', `${path}/${other?.id}`)).status).toBe(404)
    const lines = (await audited('session_ended')).filter(line =>
      line.partner_id?.equals(partnerId),
    )
    expect(lines).toMatchObject([
      { actor: { user_id: userId }, details: { sessionId: other?.id }, outcome: 'ok' },
    ])
  })

  test("of one's own takes the cookie back", async () => {
    const { email } = await app.person('Ends itself')
    const here = await signIn(email)
    const current = (await sessionsOf(here)).find(session => session.current)
    expect(
      (await here.request('DELETE', `${path}/${current?.id}`)).headers.getSetCookie()[0],
    ).toMatch(/^access_token=; /)
    expect(await isIn(here)).toBe(false)
  })

  test('of a colleague or of another partner is not there', async () => {
    const [target, colleague, stranger] = [
      await app.person('Target'),
      await app.person('Target'),
      await app.person('Elsewhere'),
    ]
    const theirs = await signIn(target.email)
    const id = (await sessionsOf(theirs)).find(session => session.current)?.id
    for (const { email } of [colleague, stranger])
      expect((await (await signIn(email)).request('DELETE', `${path}/${id}`)).status).toBe(404)
    expect(await isIn(theirs)).toBe(true)
  })
})

describe('signing out everywhere', () => {
  test("ends all of one's own sessions and nobody else's", async () => {
    const [person, colleague] = [await app.person('Everywhere'), await app.person('Everywhere')]
    const clients = [
      await signIn(person.email),
      await signIn(person.email),
      await signIn(person.email),
    ]
    const other = await signIn(colleague.email)
    const answer = await present(clients[0]).request('DELETE', path)
    expect(answer.json).toEqual({ ended: 4 })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^access_token=; /)
    expect(answer.headers.get('clear-site-data')).toContain('storage')
    expect(await Promise.all([...clients, other].map(isIn))).toEqual([false, false, false, true])
    expect((await audited('signed_out_everywhere')).at(-1)).toMatchObject({
      actor: { user_id: person.userId },
      details: { sessions: 4 },
    })
  })
})

test('a browser is named in a few safe words, whatever its header says', () => {
  const table: [string | undefined, string | null][] = [
    [firefox, 'Firefox on Linux'],
    [safari, 'Safari on iOS'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on macOS',
    ],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['node', 'node'],
    [undefined, null],
    ['', null],
    ['<script>alert(1)</script>', null],
    ['\u0000\r\nSet-Cookie: a=b', null],
    [`a${'b'.repeat(5000)}`, `a${'b'.repeat(39)}`],
    [`${'('.repeat(100_000)}`, null],
    ['evil<img>', 'evil'],
  ]
  for (const [header, name] of table) expect(browserName(header), header).toBe(name)
})
