import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { signatureV1, signatureV3 } from '../../../simulator/webhooks/signature'
import vectors from './signature-vectors.json'
import { apiOf, connect } from './connect'

type Event = Record<string, unknown>
interface Received {
  events: Event[]
  body: string
  headers: Record<string, string | string[] | undefined>
}

/** The app's side: notes what arrives and answers as told. */
let simulator: Simulator
let server: Server
let received: Received[]
let answer: (nth: number) => number
let target: string

beforeEach(async () => {
  received = []
  answer = () => 200
  server = createServer((request, response) => {
    let body = ''
    request
      .on('data', (chunk: Buffer) => (body += chunk.toString()))
      .on('end', () => {
        received.push({ events: JSON.parse(body) as Event[], body, headers: request.headers })
        response.writeHead(answer(received.length)).end()
      })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  simulator = await startSimulator({
    contacts: 150,
    deals: 20,
    webhookUrl: target,
    settings: { rateLimits: false },
  })
})
afterEach(async () => {
  await simulator.stop()
  server.closeAllConnections()
  server.close()
})

/** The webhooks' own REST API, with the developer's key. */
async function settings(method: string, path: string, body?: unknown, key?: string) {
  const { app } = await simulator.control.state()
  const response = await fetch(
    `${simulator.url}/webhooks/v3/${app.appId}${path}?hapikey=${key ?? app.developerApiKey}`,
    {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    },
  )
  const text = await response.text()
  return {
    status: response.status,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  }
}

const events = () => received.flatMap(delivery => delivery.events)
const all = (test_: () => void) => vi.waitFor(test_, { timeout: 10_000, interval: 10 })
const quiet = () =>
  all(() => expect(received.length).toBeGreaterThan(0)).then(() =>
    vi.waitFor(
      async () => {
        expect((await simulator.control.webhooks()).counts.pending).toBe(0)
      },
      { timeout: 10_000, interval: 10 },
    ),
  )
const portal = () => simulator.control.portal()

describe('signatures', () => {
  test.each(vectors)(
    '$id',
    ({ clientSecret, method, rawUri, body, timestamp, signatureV3: expected }) => {
      expect(signatureV3(clientSecret, method, rawUri, body, timestamp)).toBe(expected)
    },
  )

  test("v1 is HubSpot's published one", () => {
    const body =
      '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
    expect(signatureV1('yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy', body)).toBe(
      '232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de',
    )
  })

  test('both are in the headers and fit what was sent', async () => {
    await connect(simulator)
    await portal().create('contacts', { email: 'zoë@example.com', firstname: 'Zoë ☕' })
    await quiet()
    const { body, headers } = present(received[0])
    const secret = simulator.env.NUXT_HUBSPOT_CLIENT_SECRET
    const timestamp = String(headers['x-hubspot-request-timestamp'])
    expect(timestamp).toMatch(/^\d{13}$/)
    expect(headers['x-hubspot-signature-v3']).toBe(
      signatureV3(secret, 'POST', target, body, timestamp),
    )
    expect(headers['x-hubspot-signature']).toBe(signatureV1(secret, body))
    expect(headers['x-hubspot-signature-version']).toBe('v1')
  })
})

describe('events', () => {
  test('nothing is sent for a portal without the app', async () => {
    await portal().create('contacts', { email: 'unheard@example.com' })
    expect((await simulator.control.webhooks()).counts.raised).toBe(0)
  })

  test('each thing that happens has its shape', async () => {
    await connect(simulator)
    await simulator.control.setWebhooks({ shape: 'classic' })
    await settings('POST', '/subscriptions', { eventType: 'contact.associationChange' })
    const one = await portal().create('contacts', { email: 'one@example.com', firstname: 'One' })
    const two = await portal().create('contacts', {
      email: 'two@example.com',
      city: 'Wien',
      partner_tier: 'gold',
    })
    const deal = await portal().create(
      'deals',
      { dealname: 'Deal', dealstage: 'closedwon', pipeline: 'default' },
      { associations: [two.id] },
    )
    await portal().archive('deals', deal.id)
    await portal().restore('deals', deal.id)
    await portal().merge('contacts', one.id, two.id)
    await portal().erase(one.id)
    await quiet()
    const byType = (type: string) => events().filter(event => event.subscriptionType === type)
    expect(byType('contact.creation')).toHaveLength(2)
    // Deliveries that are under way together arrive in any order.
    expect(byType('contact.creation')).toContainEqual(
      expect.objectContaining({
        portalId: 48_210_001,
        objectId: Number(one.id),
        changeFlag: 'NEW',
        attemptNumber: 0,
        changeSource: 'CRM_UI',
      }),
    )
    // Not subscribed: city, partner_tier.
    expect(
      byType('contact.propertyChange')
        .map(event => event.propertyName)
        .sort(),
    ).toEqual(['email', 'email', 'firstname'])
    expect(
      byType('deal.propertyChange')
        .map(event => event.propertyValue)
        .sort(),
    ).toEqual(['Deal', 'closedwon', 'default'])
    expect(byType('deal.deletion')).toHaveLength(1)
    expect(byType('deal.restore')).toHaveLength(1)
    expect(byType('contact.merge')[0]).toMatchObject({
      primaryObjectId: Number(one.id),
      mergedObjectIds: [Number(two.id)],
      newObjectId: Number(one.id),
    })
    expect(byType('contact.privacyDeletion')).toHaveLength(1)
    expect(byType('contact.deletion')).toHaveLength(1)
    expect(byType('contact.associationChange')).toContainEqual(
      expect.objectContaining({
        associationType: 'CONTACT_TO_DEAL',
        fromObjectId: Number(two.id),
        toObjectId: Number(deal.id),
        associationRemoved: false,
      }),
    )
    expect(byType('deal.associationChange')[0]).not.toHaveProperty('objectId')
  })

  test("the app's own writes come back as an integration's", async () => {
    const { access_token: token } = await connect(simulator)
    await apiOf(simulator, token)('POST', '/crm/objects/2026-09/contacts', {
      properties: { email: 'own@example.com' },
    })
    await quiet()
    expect(
      events().map(event => [event.subscriptionType, event.changeSource, event.sourceId]),
    ).toContainEqual(['object.creation', 'INTEGRATION', '1512050'])
  })

  test('events are those that the HubSpot project subscribes to, generic and classic mixed', async () => {
    await connect(simulator)
    const contact = await portal().create('contacts', { email: 'mixed@example.com', city: 'Wien' })
    await portal().create(
      'deals',
      { dealname: 'Mixed', dealstage: 'closedwon' },
      { associations: [contact.id] },
    )
    await portal().erase(contact.id)
    await quiet()
    const types = new Set(
      events().map(({ subscriptionType, objectTypeId }) => `${subscriptionType} ${objectTypeId}`),
    )
    expect(types).toEqual(
      new Set([
        'object.creation 0-1',
        'object.creation 0-3',
        'object.propertyChange 0-1',
        'object.propertyChange 0-3',
        'object.deletion 0-1',
        'deal.associationChange undefined',
        'contact.privacyDeletion undefined',
      ]),
    )
    expect(events().map(event => event.propertyName)).not.toContain('city')
  })

  test("the app's webhook settings are read and written by the developer's key", async () => {
    expect((await settings('GET', '/settings', undefined, 'wrong')).status).toBe(401)
    expect(await settings('GET', '/settings')).toMatchObject({
      status: 200,
      body: { targetUrl: target, throttling: { maxConcurrentRequests: 10 } },
    })
    const added = await settings('POST', '/subscriptions', {
      eventType: 'contact.propertyChange',
      propertyName: 'city',
    })
    expect(added).toMatchObject({
      status: 201,
      body: { eventType: 'contact.propertyChange', propertyName: 'city', active: true },
    })
    const path = `/subscriptions/${String(added.body.id)}`
    expect((await settings('PATCH', path, { active: false })).body.active).toBe(false)
    expect((await settings('DELETE', path)).status).toBe(204)
    expect((await settings('GET', path)).status).toBe(404)
    expect((await settings('POST', '/subscriptions', { eventType: 'contact.x' })).status).toBe(400)
    expect((await settings('DELETE', '/settings')).status).toBe(204)
    expect((await settings('GET', '/settings')).status).toBe(404)
  })

  test('the generic shape names the object type', async () => {
    await connect(simulator)
    await simulator.control.setWebhooks({ shape: 'generic' })
    await portal().create('deals', { dealname: 'Generic', dealstage: 'closedwon' })
    await quiet()
    expect(events()[0]).toMatchObject({ subscriptionType: 'object.creation', objectTypeId: '0-3' })
  })
})

describe('delivery', () => {
  test('an import of many comes in batches of at most 100', async () => {
    await connect(simulator)
    await portal().bulkEdit('contacts', { count: 150, properties: { jobtitle: 'Buyer $n' } })
    await quiet()
    // Both leave at once: either may arrive first.
    expect(received.map(delivery => delivery.events.length).sort((a, b) => b - a)).toEqual([
      100, 50,
    ])
  })

  test('what is not answered with 2xx comes again, with a fresh signature', async () => {
    await connect(simulator)
    await simulator.control.setWebhooks({ retryDelaysMs: [5, 5, 5] })
    answer = nth => (nth === 1 ? 500 : nth === 2 ? 404 : 204)
    await portal().create('contacts', { lastname: 'Again' })
    await quiet()
    expect(received.map(delivery => delivery.events[0]?.attemptNumber)).toEqual([0, 1, 2])
    expect(new Set(received.map(delivery => delivery.events[0]?.eventId)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['x-hubspot-signature-v3'])).size).toBe(3)
    expect((await simulator.control.webhooks()).deliveries.map(({ status }) => status)).toEqual([
      500, 404, 204,
    ])
  })

  test('after the last attempt it is given up', async () => {
    await connect(simulator)
    await simulator.control.setWebhooks({ retryDelaysMs: [5] })
    answer = () => 503
    await portal().create('contacts', { lastname: 'Lost' })
    await vi.waitFor(
      async () =>
        expect((await simulator.control.webhooks()).counts).toMatchObject({
          givenUp: 2,
          delivered: 0,
          pending: 0,
        }),
      { timeout: 10_000 },
    )
  })

  test('duplicates, drops, mixed portals and any order, as set', async () => {
    await connect(simulator)
    await simulator.control.setWebhooks({ duplicatePercent: 100, reorder: true, mixPortals: true })
    // In one call, and so in one delivery, however long two calls would lie apart; in order as they
    // are given.
    await simulator.control.fireWebhooks(
      Array.from({ length: 40 }, (_, index) => ({
        portalId: index < 20 ? 48_210_001 : 48_210_002,
        subscriptionType: 'contact.propertyChange',
        objectId: 1000 + index,
      })),
    )
    await quiet()
    expect(received).toHaveLength(1)
    expect(events()).toHaveLength(80)
    expect(new Set(events().map(event => event.eventId)).size).toBe(40)
    expect(new Set(events().map(event => event.portalId)).size).toBe(2)
    const order = events().map(event => event.objectId)
    expect(order).not.toEqual(order.toSorted())
    await simulator.control.setWebhooks({ dropPercent: 100 })
    await portal().bulkEdit('contacts', { count: 5, properties: { jobtitle: 'Dropped' } })
    expect((await simulator.control.webhooks()).counts).toMatchObject({ dropped: 5, pending: 0 })
  })

  test('events can be fired as they are', async () => {
    await simulator.control.fireWebhooks([
      { portalId: 999, subscriptionType: 'contact.creation', objectId: 7 },
    ])
    await quiet()
    expect(events()[0]).toMatchObject({
      portalId: 999,
      subscriptionType: 'contact.creation',
      objectId: 7,
      attemptNumber: 0,
    })
  })
})
