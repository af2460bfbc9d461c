import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { aConnectedPartner, startServices, testEnvironment } from '../../support/connected'
import { allRoutes } from '../../support/all-routes'
import { createClient, type Answer, type Client } from '../../support/client'
import { grantAccess } from '../../support/grant'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startMongoProxy, writeCommands, type MongoProxy } from '../../support/mongo-proxy'
import { mountRoutes } from '../../support/mount-routes'
import { isStream, pathOf } from '../../support/routes'
import { startSimulator } from '../../support/simulator'
import { until } from '../../support/until'
import { signDelivery, webhookEvent } from '../../support/webhooks'

const routes = (await allRoutes()).filter(route => !isStream(route))
/** They ask nothing of the database. */
const askNothing = ['/healthz', '/metrics']
/** It sends the browser on, whatever happens. */
const redirects = (path: string) => path.endsWith('/hubspot/callback')
const webhookPath = '/api/v1/leads/webhooks/hubspot'
/** What a driver and a server say of a replacement, a shutdown, a server that is full or closed. */
const codes = [13, 91, 189, 262, 10_107, 11_600, 11_602, 13_435, 14_031]

let database: TestDatabase
let proxy: MongoProxy
let simulator: Awaited<ReturnType<typeof startSimulator>>
let services: Awaited<ReturnType<typeof startServices>>['services']
let app: Awaited<ReturnType<typeof mountRoutes>>
let client: Client
let signIn: () => Promise<void>
let environment: Record<string, string>

beforeAll(async () => {
  proxy = await startMongoProxy(inject('mongodbUri'))
  database = await testDatabase()
  simulator = await startSimulator({ webhookUrl: null, settings: { rateLimits: false } })
  environment = testEnvironment({ ...database, uri: proxy.uri }, simulator.env, {
    NUXT_HUBSPOT_TOKEN_ROUTE: 'true',
    NUXT_HUBSPOT_WEBHOOK_URL: `http://localhost:3000${webhookPath}`,
  })
  services = (
    await startServices(
      environment,
      // What the routes start is of no interest here.
      {
        triggers: {
          connected: async () => {},
          localChange: async () => {},
          webhookArrived: async () => {},
          mappingChanged: async () => {},
        },
      },
    )
  ).services
  app = await mountRoutes(services, routes)
  client = createClient(app.url)
  const { email, password } = await aConnectedPartner(services)
  services.health.markPrepared()
  signIn = async () => {
    client.useCookie('')
    expect((await client.signIn(email, password)).status).toBe(200)
  }
}, 60_000)
afterAll(async () => {
  await app.close()
  await services.stop()
  await simulator.stop()
  await proxy.stop()
  await database.drop()
})
beforeEach(async () => {
  proxy.clearFaults()
  // Some of the routes end the session.
  if ((await client.get('/api/v1/auth/me')).status !== 200) await signIn()
})

const isRefusal = ({ status, headers, json }: Answer): boolean =>
  status === 503 &&
  headers.get('retry-after') !== null &&
  (json as { data?: { code?: string } } | undefined)?.data?.code === 'database_unavailable'

async function askEverything(): Promise<string[]> {
  const answers = await Promise.all(
    routes.map(async route => {
      const answer = await client.request(
        route.method,
        pathOf(route),
        ['GET', 'HEAD'].includes(route.method)
          ? {}
          : { json: { email: 'somebody@partner.test', password: 'a long enough password' } },
      )
      return { ...route, answer }
    }),
  )
  return answers
    .filter(({ path, role, answer }) => {
      if (askNothing.includes(path)) return answer.status !== 200
      if (path === '/readyz') return answer.status !== 503
      if (redirects(path))
        return answer.headers.get('location') !== '/settings/hubspot?error=database_unavailable'
      // Without a valid signature it asks nothing of the database.
      if (role === 'signature') return answer.status !== 401
      return !isRefusal(answer)
    })
    .map(({ method, path, answer }) => `${method} ${path} ${answer.status} ${answer.text}`)
}

async function deliver(): Promise<number> {
  const { clientSecret, webhookUrl } = services.configuration.hubspot
  const { body, signature, timestamp } = signDelivery(webhookUrl, clientSecret, [webhookEvent(1)])
  const answer = await client.request('POST', webhookPath, {
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': timestamp,
    },
  })
  return answer.status
}

describe('while the database cannot serve, every route answers 503 with Retry-After', () => {
  test('when it stands still', async () => {
    proxy.freeze()
    try {
      expect(await askEverything()).toEqual([])
    } finally {
      proxy.thaw()
    }
  }, 20_000)

  test('when it is gone, and serves again once it is back', async () => {
    await proxy.goDown()
    try {
      expect(await askEverything()).toEqual([])
    } finally {
      await proxy.comeUp()
    }
    await until(
      async () => (await client.get('/api/v1/auth/me')).status === 200,
      'it serves again',
      { timeoutMs: 20_000 },
    )
  }, 40_000)

  test('when its connections give no answer any more, until new ones are made', async () => {
    proxy.freezeUsed()
    const answers: Answer[] = []
    await until(
      async () =>
        answers.push(await client.get('/api/v1/auth/me')) && answers.at(-1)?.status === 200,
      'it serves again',
      { timeoutMs: 30_000 },
    )
    const refused = answers.slice(0, -1)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.filter(answer => !isRefusal(answer))).toEqual([])
  }, 60_000)

  test('when the driver has lost it for good, until the client is opened again', async () => {
    const reopened = async () =>
      (await services.metrics.databaseReopenings.get()).values.find(
        ({ labels }) => labels.outcome === 'reopened',
      )?.value ?? 0
    const before = await reopened()
    // The driver looks at a server twice a second at most, and only a look can wait for ever.
    let lookedAt = performance.now()
    services.database.client.on('serverHeartbeatSucceeded', () => (lookedAt = performance.now()))
    const answers: Answer[] = []
    // Whether the monitor writes between the end and the close of its connection is not ours to say.
    for (let turn = 0; turn < 5 && (await reopened()) === before; turn++) {
      const held = proxy.hits('hold')
      proxy.inject({ collections: ['leads'], action: { kind: 'hold' } })
      const answer = client.get('/api/v1/leads')
      await until(
        () => proxy.hits('hold') > held && performance.now() - lookedAt > 600,
        'a command is under way and the monitor free to look',
      )
      proxy.endAll()
      await answer
      await until(
        async () =>
          answers.push(await client.get('/api/v1/auth/me')) && answers.at(-1)?.status === 200,
        'it serves again',
        { timeoutMs: 30_000 },
      )
    }
    expect(await reopened()).toBe(before + 1)
    expect(answers.filter(answer => answer.status !== 200 && !isRefusal(answer))).toEqual([])
    expect(answers.some(isRefusal)).toBe(true)
  }, 120_000)

  test.each(codes)('when it answers everything with error %i', async code => {
    proxy.inject({ times: null, action: { kind: 'refuse', code } })
    expect(await askEverything()).toEqual([])
  })

  test('when every connection breaks', async () => {
    proxy.inject({ times: null, action: { kind: 'cut', when: 'before' } })
    expect(await askEverything()).toEqual([])
  })
})

describe('a write that fails', () => {
  const aLead = () => client.post('/api/v1/leads', { lastName: 'Lovelace' })
  const inserts = { commands: ['insert'], collections: ['leads'], times: null } as const

  test.each(codes)('with error %i is answered 503', async code => {
    proxy.inject({ ...inserts, action: { kind: 'refuse', code } })
    expect(isRefusal(await aLead())).toBe(true)
  })

  test.each(['before', 'after'] as const)('by a cut %s it is answered 503', async when => {
    proxy.inject({ ...inserts, action: { kind: 'cut', when } })
    expect(isRefusal(await aLead())).toBe(true)
  })

  test.each([64, 91, 189, 11_602])(
    'to be confirmed by enough servers (error %i) is answered 503',
    async code => {
      proxy.inject({ ...inserts, action: { kind: 'unconfirmed', code } })
      expect(isRefusal(await aLead())).toBe(true)
    },
  )
})

describe('what is safe to repeat is repeated before anybody sees it', () => {
  // The driver repeats a read by itself once: two failures are needed to be seen.
  test.each(codes.filter(code => code !== 13 && code !== 14_031))(
    'a list, after error %i',
    async code => {
      proxy.inject({ collections: ['leads'], times: 2, action: { kind: 'refuse', code } })
      const refused = proxy.hits('refuse')
      expect((await client.get('/api/v1/leads')).status).toBe(200)
      expect(proxy.hits('refuse')).toBeGreaterThan(refused)
    },
  )

  test('a list, after cuts', async () => {
    proxy.inject({ collections: ['leads'], times: 2, action: { kind: 'cut', when: 'after' } })
    const cuts = proxy.cuts()
    expect((await client.get('/api/v1/leads')).status).toBe(200)
    expect(proxy.cuts()).toBe(cuts + 2)
  })

  test('who is signed in, before a write', async () => {
    proxy.inject({ collections: ['sessions'], times: 2, action: { kind: 'cut', when: 'before' } })
    const cuts = proxy.cuts()
    expect((await client.post('/api/v1/leads', { lastName: 'Byron' })).status).toBe(201)
    expect(proxy.cuts()).toBe(cuts + 2)
  })

  test('a delivery of webhooks', async () => {
    proxy.inject({
      commands: ['insert'],
      collections: ['webhook_events'],
      action: { kind: 'cut', when: 'after' },
    })
    const cuts = proxy.cuts()
    expect(await deliver()).toBe(200)
    expect(proxy.cuts()).toBe(cuts + 1)
    expect(await services.database.collections.webhookEvents.countDocuments({})).toBe(1)
  })
})

describe('a callback that the database cuts in the middle ends in a redirect with a code', () => {
  test.each([
    { collection: 'oauth_attempts', when: 'before', ends: 'error=database_unavailable' },
    { collection: 'oauth_attempts', when: 'after', ends: 'error=database_unavailable' },
    { collection: 'partners', when: 'before', ends: 'error=database_unavailable' },
    // The grant is stored: only the answer was lost.
    { collection: 'partners', when: 'after', ends: 'success=true' },
  ] as const)('in a write to $collection, $when it', async ({ collection, when, ends }) => {
    proxy.inject({
      commands: ['findAndModify', 'update'],
      collections: [collection],
      times: null,
      action: { kind: 'cut', when },
    })
    const cuts = proxy.cuts()
    const { location } = await grantAccess(client, environment)
    expect(proxy.cuts()).toBeGreaterThan(cuts)
    expect(location).toBe(`/settings/hubspot?${ends}`)
  })
})

test('a slow answer of a database that is there is waited for', async () => {
  proxy.inject({ collections: ['leads'], action: { kind: 'delay', ms: 2500 } })
  expect((await client.get('/api/v1/leads')).status).toBe(200)
  expect(proxy.hits('delay')).toBe(1)
})

describe('ready is only what can read and write', () => {
  const becomes = (status: number) =>
    until(async () => (await client.get('/readyz')).status === status, `readyz is ${status}`, {
      timeoutMs: 20_000,
    })

  test.each([13, 10_107, 14_031])(
    'not a database that answers writes with error %i',
    async code => {
      await becomes(200)
      proxy.inject({ commands: writeCommands, times: null, action: { kind: 'refuse', code } })
      await becomes(503)
      proxy.clearFaults()
      await becomes(200)
    },
    60_000,
  )

  test('a probe writes no more often than it has to', async () => {
    await becomes(200)
    // Hit by nothing but a count.
    proxy.inject({
      commands: ['findAndModify'],
      collections: ['meta'],
      times: null,
      action: { kind: 'delay', ms: 0 },
    })
    const writes = proxy.hits('delay')
    for (let turn = 0; turn < 50; turn++) expect((await client.get('/readyz')).status).toBe(200)
    expect(proxy.hits('delay') - writes).toBeLessThan(25)
  })
})
