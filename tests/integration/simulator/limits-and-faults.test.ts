import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { apiOf, connect, postToken } from './connect'

let simulator: Simulator
let api: ReturnType<typeof apiOf>
const contacts = '/crm/objects/2026-09/contacts'

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 30, deals: 12 })
})
beforeEach(async () => {
  await simulator.control.clearFaults()
  await simulator.control.resetLimits()
  await simulator.control.clearCalls()
  api = apiOf(simulator, (await connect(simulator)).access_token)
})
afterAll(() => simulator.stop())

describe('limits', () => {
  // Smaller than HubSpot's, so that a slow machine cannot leave the window meanwhile.
  test('one request too many in ten seconds is refused, in this portal alone', async () => {
    await simulator.control.set({ requestsPerTenSeconds: 10 })
    const answers = await Promise.all(
      Array.from({ length: 11 }, () => api('GET', `${contacts}?limit=1`)),
    )
    await simulator.control.set({ requestsPerTenSeconds: 110 })
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.body).toMatchObject({
      policyName: 'TEN_SECONDLY_ROLLING',
      errorType: 'RATE_LIMIT',
    })
    expect(refused?.headers.get('retry-after')).toBeNull()
    expect(refused?.headers.get('x-hubspot-ratelimit-remaining')).toBe('0')
    const other = apiOf(simulator, (await connect(simulator, 48_210_002)).access_token)
    expect((await other('GET', contacts)).headers.get('x-hubspot-ratelimit-max')).toBe('110')
    expect((await api('POST', `${contacts}/search`, {})).status).toBe(200)
    expect((await simulator.control.stats()).maxInTenSeconds).toMatchObject({
      48210001: 11,
      48210002: 1,
    })
  })

  test('one search too many in a second is refused, without a header', async () => {
    await simulator.control.set({ searchesPerSecond: 1 })
    const answers = await Promise.all([1, 2].map(() => api('POST', `${contacts}/search`, {})))
    await simulator.control.set({ searchesPerSecond: 5 })
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429])
    expect(answers.find(({ status }) => status === 429)?.body.policyName).toBe('SECONDLY')
    for (const { headers } of answers) expect(headers.get('x-hubspot-ratelimit-max')).toBeNull()
    expect((await simulator.control.stats()).maxSearchesInOneSecond).toEqual({ 48210001: 2 })
  })

  test('can be changed and turned off', async () => {
    await simulator.control.set({ requestsPerTenSeconds: 1 })
    const both = await Promise.all([api('GET', contacts), api('GET', contacts)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429])
    await simulator.control.set({ requestsPerTenSeconds: 110, rateLimits: false })
    expect((await api('GET', contacts)).headers.get('x-hubspot-ratelimit-max')).toBeNull()
    await simulator.control.set({ rateLimits: true })
  })
})

describe('faults', () => {
  const count = async () => (await simulator.control.portal().count('contacts')).live
  const create = () => api('POST', contacts, { properties: { firstname: 'Somebody' } })

  test('a status, so many times, with its own headers', async () => {
    await simulator.control.inject({
      path: '/contacts',
      method: 'GET',
      times: 2,
      action: { kind: 'status', status: 477, headers: { 'retry-after': '30' } },
    })
    const before = await count()
    const hit = await api('GET', contacts)
    expect([hit.status, hit.headers.get('retry-after'), hit.body.category]).toEqual([
      477,
      '30',
      'MIGRATION_IN_PROGRESS',
    ])
    expect((await create()).status).toBe(201)
    expect((await api('GET', contacts)).status).toBe(477)
    expect((await api('GET', contacts)).status).toBe(200)
    expect(await count()).toBe(before + 1)
    expect((await simulator.control.faults())[0]).toMatchObject({ hits: 2 })
  })

  test('a connection cut before the work, and one cut after it', async () => {
    const before = await count()
    await simulator.control.inject({ path: '/contacts', action: { kind: 'reset' } })
    await expect(create()).rejects.toThrow()
    expect(await count()).toBe(before)
    await simulator.control.inject({
      path: '/contacts',
      action: { kind: 'reset', afterWork: true },
    })
    await expect(create()).rejects.toThrow()
    expect(await count()).toBe(before + 1)
  })

  test('answers that are none: HTML, broken and half JSON, silence', async () => {
    await simulator.control.inject({ path: '/contacts', action: { kind: 'html' } })
    await expect(api('GET', contacts)).rejects.toThrow(SyntaxError)
    await simulator.control.inject({ path: '/contacts', action: { kind: 'malformed' } })
    await expect(api('GET', contacts)).rejects.toThrow(SyntaxError)
    await simulator.control.inject({ path: '/contacts', action: { kind: 'truncate' } })
    await expect(api('GET', contacts)).rejects.toThrow()
    const hang = await simulator.control.inject({ path: '/contacts', action: { kind: 'hang' } })
    const patience = new AbortController()
    const asked = fetch(simulator.url + contacts, { signal: patience.signal })
    // Given up once the call is there and hangs, not before it has got there.
    await expect
      .poll(async () => (await simulator.control.faults()).find(({ id }) => id === hang)?.hits, {
        timeout: 10_000,
      })
      .toBe(1)
    patience.abort(new Error('no answer came'))
    await expect(asked).rejects.toThrow('no answer came')
    expect((await api('GET', contacts)).status).toBe(200)
  })

  test('for one portal, by pattern, after some, and for a share of the calls', async () => {
    const other = apiOf(simulator, (await connect(simulator, 48_210_002)).access_token)
    await simulator.control.inject({
      portalId: 48_210_002,
      times: null,
      path: '/objects\\/.*\\/(contacts|deals)$/',
      action: { kind: 'status', status: 503 },
    })
    expect((await other('GET', contacts)).status).toBe(503)
    expect((await api('GET', contacts)).status).toBe(200)
    await simulator.control.clearFaults()
    await simulator.control.inject({ skip: 1, action: { kind: 'status', status: 502 } })
    expect([(await api('GET', contacts)).status, (await api('GET', contacts)).status]).toEqual([
      200, 502,
    ])
    await simulator.control.inject({
      percent: 50,
      times: null,
      action: { kind: 'status', status: 423 },
    })
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await api('GET', `${contacts}?limit=1`)).status),
    )
    expect(new Set(statuses)).toEqual(new Set([200, 423]))
  })

  test('at the token endpoint too; the calls seen hold no secret', async () => {
    const { refresh_token: token = '', access_token: access } = await connect(simulator)
    await simulator.control.inject({
      path: '/token',
      portalId: 48_210_001,
      action: { kind: 'reset', afterWork: true },
    })
    await expect(
      postToken(simulator, { grant_type: 'refresh_token', refresh_token: token }),
    ).rejects.toThrow()
    await fetch(`${simulator.url}/oauth/v1/access-tokens/${access}`)
    const calls = JSON.stringify(await simulator.control.calls())
    for (const secret of [token, access, simulator.env.NUXT_HUBSPOT_CLIENT_SECRET])
      expect(calls).not.toContain(secret)
    expect((await simulator.control.stats()).tokenCalls).toMatchObject({ refresh_token: 1 })
    expect((await simulator.control.calls({ kind: 'token' })).at(-1)).toMatchObject({
      status: 0,
      fault: 'reset',
      portalId: 48_210_001,
    })
  })
})

test('a misspelt setting is refused', async () => {
  await expect(simulator.control.set({ latency: 5 } as object)).rejects.toThrow('Unknown: latency')
})
