import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMongoProcess, type MongoProcess } from '../../../modules/embedded-mongo/process'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { deliverWebhook, webhookEvent } from '../../support/webhooks'

describe('many deliveries at once', () => {
  let mongo: MongoProcess
  let bench: SyncBench
  let writes = 0
  let secret: string
  /** Deliveries that came in: each one's signature is looked at right before it queues */
  let came = 0
  /** As many are on their way or here */
  let expected = 0
  const arrivals = new EventEmitter()
  beforeAll(async () => {
    // An engine of this test's own: it is stopped in the middle.
    mongo = await startMongoProcess({})
    bench = await startSyncBench({
      database: {
        uri: mongo.uri,
        database: `inbox-${randomBytes(4).toString('hex')}`,
        drop: async () => {},
      },
    })
    const { hubspot } = bench.configuration
    secret = hubspot.clientSecret
    Object.defineProperty(hubspot, 'clientSecret', {
      get: () => {
        came += 1
        arrivals.emit('delivery')
        return secret
      },
    })
    const events = bench.collections.webhookEvents as unknown as {
      insertMany(...input: unknown[]): Promise<unknown>
    }
    const { insertMany } = events
    events.insertMany = async (...input) => {
      writes += 1
      // A write lasts while ten more come in: how many share one does not hang on whether the
      // database or this process is faster.
      const enough = Math.min(came + 10, expected)
      while (came < enough) await once(arrivals, 'delivery')
      return await insertMany.apply(events, input)
    }
  })
  afterAll(async () => {
    await bench.stop()
    await mongo.stop()
  })
  const deliver = (events: object[]) => deliverWebhook(bench.webhookUrl, secret, events)
  const countOf = async (metric: string) =>
    (await bench.services.metrics.webhookEvents.get()).values.find(
      ({ labels }) => labels.result === metric,
    )?.value ?? 0

  test('share their writes; what two of them carry is stored once', async () => {
    writes = 0
    const sizes = Array.from({ length: 80 }, (_, index) => [1, 10, 100, 3][index % 4] ?? 1)
    let next = 0
    const deliveries = sizes.map(size => Array.from({ length: size }, () => webhookEvent(next++)))
    // Every tenth one comes twice, as HubSpot's retries do.
    const again = deliveries.filter((_, index) => index % 10 === 0)
    came = 0
    expected = deliveries.length + again.length
    const answers = await Promise.all([...deliveries, ...again].map(deliver))
    expect([...new Set(answers.map(answer => answer.status))]).toEqual([200])
    expect(came).toBe(expected)
    expect(await bench.collections.webhookEvents.countDocuments({})).toBe(next)
    expect(await countOf('stored')).toBe(next)
    expect(await countOf('duplicate')).toBe(again.flat().length)
    expect(writes).toBeLessThan((deliveries.length + again.length) / 2)
  }, 60_000)

  test('are each told what became of their own events', async () => {
    const before = await bench.collections.webhookEvents.countDocuments({})
    const answers = await Promise.all([
      deliver([webhookEvent(900_001), webhookEvent(900_001, { portalId: 999 })]),
      deliver([webhookEvent(900_002, { portalId: 999 })]),
      deliver([webhookEvent(1), webhookEvent(900_003)]),
      deliverWebhook(bench.webhookUrl, 'another secret', [webhookEvent(900_004)]),
      deliver([{ nonsense: true }]),
    ])
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 401, 200])
    expect(await bench.collections.webhookEvents.countDocuments({})).toBe(before + 2)
  })

  test('are all told 503 when the database stands still, and stored once when HubSpot sends them again', async () => {
    const first = 1_000_000
    const deliveries = Array.from({ length: 30 }, (_, index) => [
      webhookEvent(first + 2 * index),
      webhookEvent(first + 2 * index + 1),
    ])
    process.kill(mongo.pid, 'SIGSTOP')
    const answers = await Promise.all(deliveries.map(deliver)).finally(() =>
      process.kill(mongo.pid, 'SIGCONT'),
    )
    expect([...new Set(answers.map(answer => answer.status))]).toEqual([503])
    expect(answers.every(answer => answer.headers.get('retry-after') !== null)).toBe(true)
    expect(await answers[0]?.json()).toMatchObject({ data: { code: 'database_unavailable' } })
    const stored = () => bench.collections.webhookEvents.countDocuments({ _id: /\|10000\d\d\|/ })
    await bench.until(async () =>
      (await Promise.all(deliveries.map(deliver))).every(answer => answer.status === 200),
    )
    expect(await stored()).toBe(60)
  }, 60_000)
})
