import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { provideServices } from '../../../server/http/services'
import { createServices } from '../../../server/services'
import { mainPortalId } from '../../../simulator/control-client'
import { event, useWebhookBench } from './webhook-bench'

const otherPortal = 48_210_002

describe('a delivery of webhooks', () => {
  const { bench, deliver, stored, clear } = useWebhookBench()
  const { stringify } = JSON

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

  test('a bad header is refused before the body, and what hangs at the door is bounded and cut', async () => {
    await clear()
    const { hostname, port, pathname } = new URL(bench.webhookUrl)
    /** Sends headers that promise a body, and no body. @returns what is answered */
    const hang = (headers: Record<string, string>) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () =>
          socket.write(
            [`POST ${pathname} HTTP/1.1`, `Host: ${hostname}`, 'Content-Length: 100000']
              .concat(Object.entries(headers).map(([name, value]) => `${name}: ${value}`))
              .concat('', '')
              .join('\r\n'),
          ),
        )
        let answer = ''
        socket.on('data', chunk => (answer += String(chunk)))
        socket.on('end', () => resolve(answer)).on('error', reject)
      })
    const plausible = (at = Date.now()) => ({
      'x-hubspot-signature-v3': Buffer.alloc(32).toString('base64'),
      'x-hubspot-request-timestamp': String(at),
    })
    for (const headers of [
      {},
      { ...plausible(), 'x-hubspot-signature-v3': 'short' },
      plausible(Date.now() - 301_000),
      plausible(Date.now() + 10 * 60_000),
    ])
      expect(await hang(headers)).toMatch(/^HTTP\/1\.1 401 [\s\S]*invalid_signature/)
    const open = Array.from({ length: 200 }, () => hang(plausible()))
    let beyond = ''
    await bench.until(async () => {
      beyond = await hang(plausible())
      return beyond.startsWith('HTTP/1.1 429')
    })
    expect(beyond.toLowerCase()).toContain('retry-after: 1')
    for (const answer of await Promise.all(open))
      expect(answer).toMatch(/^HTTP\/1\.1 4(22|29)[\s\S]*connection: close/i)
    expect((await deliver(stringify([event({ eventId: 9 })]))).status).toBe(200)
  })

  test('a privacy deletion in a delivery too large to take is not lost', async () => {
    await clear()
    const body = stringify([
      ...Array.from({ length: 60 }, (_, index) =>
        event({ eventId: index, propertyValue: 'x'.repeat(20_000) }),
      ),
      event({ eventId: 99, objectId: 404, subscriptionType: 'contact.privacyDeletion' }),
    ])
    expect((await deliver(body, { key: 'another secret' })).status).toBe(401)
    expect(await stored()).toBe(0)
    expect((await deliver(body)).status).toBe(413)
    expect(
      (await bench.collections.webhookEvents.find({}).toArray()).map(one => one.subscription_type),
    ).toEqual(['contact.privacyDeletion'])
    expect((await deliver('x'.repeat(9 * 1024 * 1024))).status).toBe(413)
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
