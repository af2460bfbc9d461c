import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemActor } from '../../../server/database/audit'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  type ConnectedPartner,
} from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSimulator } from '../../support/simulator'
import { signDelivery, webhookEvent } from '../../support/webhooks'
import { published, wrongWith, type Sent } from './published'
import { present } from '../../support/present'

describe('the requests of a whole sync', () => {
  let database: TestDatabase
  let simulator: Simulator
  let services: Services
  let partner: ConnectedPartner
  const sent: Sent[] = []
  const recording: typeof fetch = async (input, init) => {
    const body = init?.body
    sent.push({
      method: init?.method ?? 'GET',
      url: String(input),
      contentType: new Headers(init?.headers).get('content-type'),
      body:
        typeof body === 'string' || body instanceof URLSearchParams ? body.toString() : undefined,
    })
    return await fetch(input, init)
  }
  const patience = { timeout: 60_000, interval: 50 }
  const idle = () =>
    vi.waitFor(async () => {
      expect(await services.sync.current(partner.partnerId)).toBeNull()
      expect(
        (await services.leads.hasDirty(partner.partnerId)) ||
          (await services.deals.hasDirty(partner.partnerId)),
      ).toBe(false)
    }, patience)

  beforeAll(async () => {
    database = await testDatabase()
    simulator = await startSimulator({
      contacts: 250,
      deals: 130,
      webhookUrl: null,
      settings: { rateLimits: false },
    })
    services = (
      await startServices(testEnvironment(database, simulator.env), {
        fetch: recording,
        runs: { scheduleEveryMs: 50 },
      })
    ).services
    await services.sync.worker.start()
    partner = await aConnectedPartner(services)
    await idle()
  }, 120_000)
  afterAll(async () => {
    await services.stop()
    await simulator.stop()
    await database.drop()
  })

  it('are what HubSpot publishes, field by field, and keep its limits', async () => {
    const { partnerId } = partner
    await services.database.collections.partners.updateOne(
      { _id: partnerId },
      { $set: { 'hubspot_integration.write_back': true } },
    )
    const made = await Promise.all(
      Array.from({ length: 3 }, (_, index) =>
        services.leads.create(partnerId, {
          email: `made-${index}@example.com`,
          lastName: `Made ${index}`,
        }),
      ),
    )
    const deal = await services.deals.create(partnerId, {
      name: 'Made',
      amount: '100',
      currency: 'EUR',
      leadIds: [present(made[0]?.id)],
    })
    await idle()
    const [contact] = await simulator.control.portal().list('contacts', 1)
    const lead = await services.database.collections.leads.findOne({
      partner_id: partnerId,
      hubspot_id: contact?.id,
    })
    await services.leads.patch(partnerId, present(lead?._id.toHexString()), {
      phone: '+1 555 0100',
      company: null,
    })
    await services.deals.patch(partnerId, deal.id, {
      amount: '250.5',
      leadIds: [present(made[1]?.id)],
    })
    await idle()
    for (const kind of ['incremental', 'reconcile'] as const) {
      await services.sync.requestSync(partnerId, { trigger: 'manual', kind })
      await idle()
    }
    // Webhooks name the records to read, a contact of a deal among them.
    const [hinted] = await simulator.control.portal().list('deals', 1)
    const about = [
      { objectId: Number(contact?.id) },
      {
        objectId: Number(hinted?.id),
        subscriptionType: 'deal.propertyChange',
        propertyName: 'amount',
      },
      { objectId: 77, subscriptionType: 'contact.deletion' },
    ]
    const { hubspot } = services.configuration
    const events = about.map((fields, index) =>
      webhookEvent(index + 1, { occurredAt: Date.now(), ...fields }),
    )
    const delivery = signDelivery(hubspot.webhookUrl, hubspot.clientSecret, events)
    const read = sent.length
    await services.webhooks.accept({
      ...delivery,
      method: 'POST',
      body: Buffer.from(delivery.body),
    })
    await vi.waitFor(
      async () =>
        expect(
          await services.database.collections.webhookEvents.countDocuments({
            partner_id: partnerId,
            status: 'done',
          }),
        ).toBe(3),
      patience,
    )
    await idle()
    expect(sent.slice(read).map(({ url }) => new URL(url).pathname)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/contacts\/batch\/read$/),
        expect.stringMatching(/deals\/batch\/read$/),
        expect.stringMatching(/associations.*batch\/read$/),
      ]),
    )
    await services.mapping.properties(partnerId, 'deals')
    await services.connection.refresh(partnerId, systemActor)
    await services.connection.disconnect(partnerId, systemActor)
    await vi.waitFor(
      () => expect(sent.some(({ url }) => url.includes('/external-install'))).toBe(true),
      patience,
    )

    expect([...new Set(sent.map(wrongWith).filter(wrong => wrong !== null))]).toEqual([])
    // What a sync is made of was among it.
    const used = published.filter(({ method, path }) =>
      sent.some(one => one.method === method && path.test(new URL(one.url).pathname)),
    )
    for (const part of [
      '/search',
      '/batch/read',
      '/batch/create',
      '/batch/update',
      '/associations/default/',
      'crm/associations/',
      '/token$',
      'external-install',
      'pipelines',
      'properties',
    ]) {
      expect(
        used.some(({ path }) => `${path.source}`.replaceAll('\\/', '/').includes(part)),
        part,
      ).toBe(true)
    }
  }, 240_000)
})

it('names what HubSpot would not know', () => {
  const json = { contentType: 'application/json' }
  const base = 'https://api.hubapi.com/crm/objects/2026-09/contacts'
  const search = { filterGroups: [], properties: ['email'], limit: 200 }
  expect(
    wrongWith({ method: 'POST', url: `${base}/search`, ...json, body: JSON.stringify(search) }),
  ).toBeNull()
  for (const other of [
    { ...search, limit: 201 },
    { ...search, page: 2 },
    { ...search, query: 'x'.repeat(3000) },
    { ...search, after: 'abc' },
  ]) {
    expect(
      wrongWith({ method: 'POST', url: `${base}/search`, ...json, body: JSON.stringify(other) }),
    ).not.toBeNull()
  }
  const update = (count: number) =>
    JSON.stringify({
      inputs: Array.from({ length: count }, (_, index) => ({
        id: String(index),
        properties: { email: null },
      })),
    })
  expect(
    wrongWith({ method: 'POST', url: `${base}/batch/update`, ...json, body: update(100) }),
  ).toBeNull()
  expect(
    wrongWith({ method: 'POST', url: `${base}/batch/update`, ...json, body: update(101) }),
  ).not.toBeNull()
  expect(
    wrongWith({
      method: 'GET',
      url: `${base}?limit=100&sort=email`,
      contentType: null,
      body: undefined,
    }),
  ).not.toBeNull()
  expect(
    wrongWith({
      method: 'GET',
      url: 'https://api.hubapi.com/crm/v3/objects/contacts',
      contentType: null,
      body: undefined,
    }),
  ).not.toBeNull()
})
