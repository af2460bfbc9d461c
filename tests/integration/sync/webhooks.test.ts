import { createHmac } from 'node:crypto'
import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices } from '../../../server/services'
import { provideServices } from '../../../server/http/services'
import { mainPortalId } from '../../../simulator/control-client'
import { startSyncBench, type SyncBench } from '../../support/sync'

const otherPortal = 48_210_002

describe('webhooks', () => {
  let bench: SyncBench
  let secret: string
  beforeAll(async () => {
    bench = await startSyncBench({ simulator: { contacts: 60, deals: 20 } })
    secret = bench.configuration.hubspot.clientSecret
    await bench.run()
  })
  afterAll(() => bench.stop())

  const { stringify } = JSON
  async function deliver(
    body: string | Uint8Array,
    {
      at = String(Date.now()),
      key = secret,
      headers = {},
    }: { at?: string; key?: string; headers?: Record<string, string> } = {},
  ) {
    const bytes = Buffer.from(body)
    const signature = createHmac('sha256', key)
      .update(`POST${bench.webhookUrl}`)
      .update(bytes)
      .update(at)
      .digest('base64')
    return await fetch(bench.webhookUrl, {
      method: 'POST',
      body: bytes,
      headers: {
        'content-type': 'application/json',
        'x-hubspot-signature-v3': signature,
        'x-hubspot-request-timestamp': at,
        ...headers,
      },
    })
  }
  const event = (fields: Record<string, unknown> = {}) => ({
    eventId: 100,
    subscriptionId: 1,
    portalId: mainPortalId,
    appId: 1,
    occurredAt: 1_790_000_000_000,
    subscriptionType: 'contact.propertyChange',
    attemptNumber: 0,
    objectId: 7,
    propertyName: 'firstname',
    propertyValue: 'evil',
    changeSource: 'CRM_UI',
    ...fields,
  })
  const stored = () => bench.collections.webhookEvents.countDocuments({})
  const clear = () => bench.collections.webhookEvents.deleteMany({})
  const contactIds = async () =>
    (await bench.portal.list('contacts', 60))
      .filter(contact => !contact.archived)
      .map(contact => contact.id)

  test('a bad signature is 401 and stores nothing', async () => {
    await clear()
    const body = stringify([event()])
    expect((await deliver(body, { key: 'another secret' })).status).toBe(401)
    expect((await deliver(body, { at: String(Date.now() - 301_000) })).status).toBe(401)
    // Far more than a minute ahead: time goes on until it is looked at. (The minute itself:
    // signature.test.ts.)
    expect((await deliver(body, { at: String(Date.now() + 10 * 60_000) })).status).toBe(401)
    expect((await fetch(bench.webhookUrl, { method: 'POST', body })).status).toBe(401)
    expect(await (await fetch(bench.webhookUrl, { method: 'POST', body })).json()).toMatchObject({
      data: { code: 'invalid_signature' },
    })
    expect(await stored()).toBe(0)
  })

  test('no shape of a signed body makes a 5xx', async () => {
    await clear()
    const shapes: (string | Uint8Array)[] = [
      '',
      '{}',
      'null',
      '1',
      '"x"',
      '[',
      '[]',
      '[null]',
      '[1,"a",[],{}]',
      '[{}]',
      '[[[[]]]]',
      `[${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
      new Uint8Array([0xff, 0xfe, 0x00]),
      '\u0000',
      '[{"__proto__":{"a":1}}]',
      stringify([event({ portalId: 'x' })]),
      stringify([event({ objectId: null })]),
      stringify([event({ occurredAt: 'yesterday' })]),
      stringify([event({ occurredAt: -1 })]),
      stringify([event({ subscriptionType: 7 })]),
      stringify([event({ subscriptionType: 'a.b' })]),
      stringify([event({ subscriptionType: 'contact.unheardOf' })]),
      stringify([event({ propertyValue: { a: { b: [] } } })]),
      stringify([event({ mergedObjectIds: 'x', subscriptionType: 'contact.merge' })]),
      stringify(event()),
      stringify(Array.from({ length: 300 }, (_, index) => event({ eventId: index }))),
      `[${'1,'.repeat(50_000)}1]`,
    ]
    const statuses = await Promise.all(shapes.map(async shape => (await deliver(shape)).status))
    expect(statuses.filter(status => status !== 200 && status !== 422)).toEqual([])
    expect((await deliver('x'.repeat(2 * 1024 * 1024))).status).toBe(413)
  })

  test('a good event among bad ones is kept; both shapes and the old name of the type are read', async () => {
    await clear()
    const body = stringify([
      null,
      event({ objectId: 'abc' }),
      event({ eventId: 1 }),
      { ...event({ eventId: 2 }), subscriptionType: undefined, eventType: 'deal.creation' },
      event({ eventId: 3, subscriptionType: 'object.propertyChange', objectTypeId: '0-3' }),
      event({ eventId: 4, subscriptionType: 'object.propertyChange', objectTypeId: '0-2' }),
      event({ eventId: 5, subscriptionType: 'company.creation' }),
    ])
    expect((await deliver(body)).status).toBe(200)
    const events = await bench.collections.webhookEvents.find({}).sort({ _id: 1 }).toArray()
    expect(events.map(one => one.object_type).sort()).toEqual(['contacts', 'deals', 'deals'])
    expect(stringify(events)).not.toContain('evil')
  })

  test('duplicates, in one delivery or in many, are stored once; another value is another event', async () => {
    await clear()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, attempt) =>
        deliver(stringify([event({ attemptNumber: attempt % 11 }), event()])),
      ),
    )
    expect(answers.every(answer => answer.status === 200)).toBe(true)
    expect(await stored()).toBe(1)
    await deliver(stringify([event({ propertyValue: 'other' })]))
    expect(await stored()).toBe(2)
  })

  test('ids beyond 2^53 keep their digits', async () => {
    await clear()
    await deliver(
      stringify([event({ objectId: 1, propertyValue: 'a: 12345678901234567890,' })]).replace(
        '"objectId":1',
        '"objectId":90071992547409931',
      ),
    )
    expect((await bench.collections.webhookEvents.findOne({}))?.object_id).toBe('90071992547409931')
  })

  test('portals that nobody has connected are acknowledged and not kept; a mixed batch is told apart', async () => {
    await clear()
    expect(
      (
        await deliver(
          stringify([event({ portalId: 999 }), event({ portalId: otherPortal }), event()]),
        )
      ).status,
    ).toBe(200)
    expect(
      (await bench.collections.webhookEvents.find({}).toArray()).map(one => one.portal_id),
    ).toEqual([String(mainPortalId)])
  })

  test('what a forged event says is never taken: the record is read', async () => {
    await clear()
    const [id = ''] = await contactIds()
    const before = await bench.leadOf(id)
    await deliver(stringify([event({ objectId: Number(id) })]))
    await bench.run('webhook')
    expect((await bench.leadOf(id))?.values).toEqual(before?.values)
  })

  test('a storm of events about one object costs one read', async () => {
    await clear()
    const [id = ''] = await contactIds()
    for (let batch = 0; batch < 10; batch++)
      await deliver(
        stringify(
          Array.from({ length: 100 }, (_, index) =>
            event({ objectId: Number(id), eventId: batch * 100 + index }),
          ),
        ),
      )
    expect(await stored()).toBe(1000)
    await bench.control.clearCalls()
    await bench.run('webhook')
    const calls = await bench.control.calls({ path: '/crm/' })
    expect(calls).toHaveLength(1)
    expect(await bench.collections.webhookEvents.countDocuments({ status: 'pending' })).toBe(0)
  })

  test('edits, deletion, restore, merge and associations arrive, however webhooks come', async () => {
    await clear()
    await bench.control.setWebhooks({
      reorder: true,
      duplicatePercent: 50,
      mixPortals: true,
      eventsPerBatch: 7,
    })
    const [edited = '', archived = '', restored = '', winner = '', loser = ''] = await contactIds()
    const [deal] = await bench.portal.list('deals', 1)
    if (!deal) throw new Error('no deal')
    await bench.portal.edit('contacts', edited, { firstname: 'By webhook' })
    await bench.portal.archive('contacts', archived)
    await bench.portal.archive('contacts', restored)
    await bench.portal.restore('contacts', restored)
    await bench.portal.merge('contacts', winner, loser)
    await bench.portal.associate(edited, deal.id)
    const created = await bench.portal.create('contacts', {
      email: 'webhook-new@example.com',
      firstname: 'New',
    })
    await bench.webhooksSettled()
    await bench.run('webhook')
    expect((await bench.leadOf(edited))?.values.firstName).toBe('By webhook')
    expect((await bench.leadOf(archived))?.archived_at).not.toBeNull()
    expect((await bench.leadOf(restored))?.archived_at).toBeNull()
    expect(await bench.leadOf(loser)).toBeNull()
    expect(await bench.leadOf(winner)).not.toBeNull()
    expect((await bench.dealOf(deal.id))?.hubspot_contact_ids).toContain(edited)
    expect((await bench.leadOf(created.id))?.values.email).toBe('webhook-new@example.com')
    await bench.control.setWebhooks({
      reorder: false,
      duplicatePercent: 0,
      mixPortals: false,
      eventsPerBatch: 100,
    })
  })

  test('an erased contact is gone from every collection, stays gone, and leaves an audit line', async () => {
    await clear()
    const canary = 'canary-person@example.com'
    const created = await bench.portal.create('contacts', { email: canary, firstname: 'Canaria' })
    await bench.webhooksSettled()
    await bench.run('webhook')
    expect(await bench.leadOf(created.id)).not.toBeNull()
    await bench.portal.erase(created.id)
    await bench.webhooksSettled()
    await bench.run('webhook')
    // A late page that still carries the person, and a full pass.
    await bench.services.sync.inbound.apply({
      partnerId: bench.partner.partnerId,
      portalId: bench.partner.portalId,
      type: 'contacts',
      runId: null,
      records: [
        {
          id: created.id,
          properties: { email: canary, firstname: 'Canaria' },
          createdAt: created.createdAt,
          updatedAt: new Date().toISOString(),
          archived: false,
        },
      ],
    })
    await bench.run()
    for (const collection of await bench.services.database.db.collections()) {
      const text = stringify(await collection.find({}).toArray())
      expect(
        text.includes('canary-person') || text.includes('Canaria'),
        collection.collectionName,
      ).toBe(false)
    }
    expect(
      await bench.collections.auditLog.findOne({
        partner_id: bench.partner.partnerId,
        action: 'contact_erased',
      }),
    ).not.toBeNull()
  })

  test('a wish to be forgotten does not wait while sync is paused', async () => {
    await clear()
    const created = await bench.portal.create('contacts', { email: 'paused-canary@example.com' })
    await bench.webhooksSettled()
    await bench.run('webhook')
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.paused': true } },
    )
    await bench.portal.erase(created.id)
    await bench.webhooksSettled()
    await bench.until(async () => (await bench.leadOf(created.id)) === null)
    await bench.collections.partners.updateOne(
      { _id: bench.partner.partnerId },
      { $set: { 'hubspot_integration.paused': false } },
    )
  })

  test('an import in HubSpot becomes one pass over what was modified', async () => {
    await clear()
    const now = new Date()
    const [id = ''] = await contactIds()
    const { ids } = await bench.portal.bulkEdit('contacts', {
      count: 30,
      properties: { company: 'Imported $n' },
    })
    expect(ids).not.toBeNull()
    await bench.webhooksSettled()
    await clear()
    await bench.collections.webhookEvents.insertMany(
      Array.from({ length: 10_050 }, (_, index) => ({
        _id: `storm-${index}`,
        partner_id: bench.partner.partnerId,
        portal_id: bench.partner.portalId,
        subscription_type: 'contact.creation',
        object_type: 'contacts' as const,
        object_id: String(Number(id) + index),
        occurred_at: now,
        received_at: new Date(now.getTime() - 1000),
        related: null,
        status: 'pending' as const,
        attempts: 0,
        processed_at: null,
      })),
    )
    await bench.control.clearCalls()
    await bench.run('webhook')
    expect(await bench.collections.webhookEvents.countDocuments({ status: 'pending' })).toBe(0)
    expect((await bench.control.calls({ path: '/crm/' })).length).toBeLessThan(10)
    expect(
      await bench.collections.leads.countDocuments({
        partner_id: bench.partner.partnerId,
        'values.company': /^Imported/,
      }),
    ).toBeGreaterThan(25)
  }, 60_000)

  test('after a disconnect events are acknowledged and not kept, and what waited is not worked off for anybody else', async () => {
    await clear()
    await bench.collections.webhookEvents.insertOne({
      _id: 'left-over',
      partner_id: new ObjectId(),
      portal_id: bench.partner.portalId,
      subscription_type: 'contact.creation',
      object_type: 'contacts',
      object_id: '1',
      occurred_at: new Date(),
      received_at: new Date(),
      related: null,
      status: 'pending',
      attempts: 0,
      processed_at: null,
    })
    await bench.run('webhook')
    expect((await bench.collections.webhookEvents.findOne({ _id: 'left-over' }))?.status).toBe(
      'pending',
    )
    bench.time.offsetMs = 8 * 24 * 60 * 60_000
    expect(await bench.services.webhooks.purge()).toBe(1)
    bench.time.offsetMs = 0
    await bench.services.connection.disconnect(bench.partner.partnerId, {
      kind: 'system',
      user_id: null,
      email: null,
    })
    expect((await deliver(stringify([event()]))).status).toBe(200)
    expect(await stored()).toBe(0)
  })

  test('with the database away the answer is 503, and nothing is said to be stored', async () => {
    // Port 9 answers nobody.
    const away = createServices(
      { ...bench.configuration, mongodb: { uri: 'mongodb://127.0.0.1:9/', database: 'nowhere' } },
      { log: bench.services.log },
    )
    provideServices(away)
    const answer = await deliver(stringify([event()]))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).not.toBeNull()
    expect(await answer.json()).toMatchObject({ data: { code: 'database_unavailable' } })
    provideServices(bench.services)
    await away.stop()
  })
})
