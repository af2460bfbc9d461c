import type { H3Event } from 'h3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices } from '../../../server/services'
import explain from '../../../server/api/v1/integrations/hubspot/explain.get'
import events from '../../../server/api/v1/integrations/hubspot/events.get'
import { createClient } from '../../support/client'
import { startConnectionApp, type ConnectionApp } from '../../support/connection'
import { mountRoutes } from '../../support/mount-routes'
import { present } from '../../support/present'
import { until } from '../../support/until'

let app: ConnectionApp
let http: Awaited<ReturnType<typeof mountRoutes>>
beforeAll(async () => {
  app = await startConnectionApp()
  http = await mountRoutes(app.services, [
    { method: 'GET', path: `${app.base}/explain`, handler: explain },
    { method: 'GET', path: `${app.base}/events`, handler: events },
  ])
})
afterAll(async () => {
  await http.close()
  await app.stop()
})

async function signedIn(email: string) {
  const client = createClient(http.url)
  await client.signIn(email, 'a long enough password')
  return client
}
const securityLines = () =>
  app.logged
    .map(line => JSON.parse(line) as Record<string, unknown>)
    .filter(line => line.event === 'security')

describe('a refusal', () => {
  test('leaves a line with its code and hashes, and an audit line of who is signed in', async () => {
    const member = await app.person('Refused', 'member')
    app.logged.length = 0
    await createClient(app.url).signIn(member.email, 'not the password')
    await member.browser.request('POST', `${app.base}/refresh`, { json: {} })
    await member.browser.request('POST', `${app.base}/refresh`, { json: {} })
    await member.browser.request('DELETE', `${app.base}/disconnect`, {
      headers: { origin: 'https://evil.test' },
    })
    const lines = securityLines()
    expect(lines.map(line => line.code)).toEqual([
      'invalid_credentials',
      'forbidden',
      'forbidden',
      'csrf_rejected',
    ])
    const hash = /^[\w-]{16}$/
    for (const line of lines) expect(line.addressHash).toMatch(hash)
    expect(lines[0]?.accountHash).toMatch(hash)
    expect(lines[1]?.accountHash).toMatch(hash)
    expect(lines[0]?.accountHash).not.toBe(lines[1]?.accountHash)
    expect(JSON.stringify(lines)).not.toContain(member.email)
    const { auditLog } = app.services.database.collections
    const audited = () =>
      auditLog.find({ partner_id: member.partnerId, action: 'request_refused' }).toArray()
    await until(async () => (await audited()).length > 0, 'the audit line is there')
    // The same refusal again within a minute writes no second line.
    expect(await audited()).toEqual([
      expect.objectContaining({
        outcome: 'refused',
        target: `${app.base}/refresh`,
        details: { code: 'forbidden' },
        address: expect.stringMatching(/127\.0\.0\.1$/),
      }),
    ])
  })
})

describe('an expensive request', () => {
  test('is counted by the minute, over all processes, and only when it is valid', async () => {
    const other = createServices(app.configuration, { clock: app.services.clock })
    try {
      const asked = await Promise.allSettled(
        Array.from({ length: 40 }, (_, turn) =>
          present([app.services, other][turn % 2]).limits.take('test:one', 25),
        ),
      )
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(25)
      await expect(other.limits.take('test:one', 25)).rejects.toMatchObject({
        code: 'too_many_attempts',
      })
      await other.limits.take('test:two', 25)
      app.time.offsetMs += 60_000
      await other.limits.take('test:one', 25)
    } finally {
      await other.stop()
    }
    const person = await app.person('Explains')
    const client = await signedIn(person.email)
    const { requestLimits } = app.services.database.collections
    expect((await client.get(`${app.base}/explain`)).status).toBe(422)
    const _id = `explain:${person.userId.toHexString()}`
    expect(await requestLimits.findOne({ _id })).toBeNull()
    expect((await client.get(`${app.base}/explain?q=ada@example.test`)).status).not.toBe(429)
    await requestLimits.updateOne({ _id }, { $set: { count: 300 } })
    const refused = await client.get(`${app.base}/explain?q=ada@example.test`)
    expect(refused.json).toMatchObject({ statusCode: 429, data: { code: 'too_many_attempts' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    app.time.offsetMs += 2 * 60 * 60 * 1000
    await app.services.limits.prune()
    expect(await requestLimits.countDocuments()).toBe(0)
    app.time.offsetMs = 0
  })

  test('as an event stream is open ten times in a session, in all processes together, until its process is killed', async () => {
    const other = createServices(app.configuration, { clock: app.services.clock })
    try {
      const take = async (turn: number) =>
        await present([app.services, other][turn % 2]).openStreams.take('a session')
      const taken = await Promise.allSettled(Array.from({ length: 25 }, (_, turn) => take(turn)))
      const places = taken.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
      expect(places).toHaveLength(10)
      const [first, second, ...killed] = places
      await expect(take(0)).rejects.toMatchObject({ code: 'too_many_attempts' })
      await other.openStreams.take('another session')
      await present(first).leave()
      const third = await take(1)
      await expect(take(0)).rejects.toMatchObject({ code: 'too_many_attempts' })

      // Of the others nobody hears any more: a minute later their places are free.
      app.time.offsetMs += 40_000
      expect([await present(second).keep(), await third.keep()]).toEqual([true, true])
      app.time.offsetMs += 40_000
      for (let turn = 0; turn < 8; turn++) await take(turn)
      await expect(take(0)).rejects.toMatchObject({ code: 'too_many_attempts' })
      // A frozen process that wakes up finds its place taken, and ends its stream.
      expect(await present(killed[0]).keep()).toBe(false)
      app.time.offsetMs += 2 * 60_000
      await app.services.openStreams.prune()
      expect(await app.services.database.collections.openStreams.countDocuments()).toBe(0)
    } finally {
      await other.stop()
      app.time.offsetMs = 0
    }
  })

  test('as an event stream is open ten times in a session, and a closed one makes room', async () => {
    const person = await app.person('Streams')
    const client = await signedIn(person.email)
    const open = async () => {
      const end = new AbortController()
      const answer = await fetch(`${http.url}${app.base}/events`, {
        headers: { cookie: client.cookie },
        signal: end.signal,
      })
      // Kept: an answer that is garbage is closed by fetch.
      return { status: answer.status, answer, end: () => end.abort() }
    }
    const streams = []
    for (let index = 0; index < 10; index++) streams.push(await open())
    expect(streams.map(stream => stream.status)).toEqual(Array(10).fill(200))
    expect((await open()).status).toBe(429)
    // An open page is not a person at it: what the stream asks keeps no session from idling.
    const { sessions } = app.services.database.collections
    const seen = () =>
      sessions.find({ user_id: person.userId }).sort({ _id: -1 }).limit(1).toArray()
    const before = present((await seen())[0]).last_seen_at
    app.time.offsetMs = 5 * 60 * 1000
    const asked = { node: { req: { headers: { cookie: client.cookie } } } } as unknown as H3Event
    expect(await app.services.accounts.sessions.isLive(asked)).toBe(true)
    expect(present((await seen())[0]).last_seen_at).toEqual(before)
    app.time.offsetMs = 0
    present(streams[0]).end()
    await until(async () => {
      const again = await open()
      streams.push(again)
      return again.status === 200
    }, 'a place is free again')
    for (const stream of streams) stream.end()
  })
})
