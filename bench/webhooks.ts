import { fork } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MongoClient, ObjectId } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'

/** HubSpot keeps ten requests in flight per account, with up to 100 events each (hubspot.md §4.1). */
const inFlight = 10
const portalId = 48_210_001
const secret = 'client-secret-of-the-benchmark'

export interface WebhookFigures {
  batch: number
  events: number
  /** Stored and answered, per second of wall time */
  perSecond: number
  /** Stored and answered, per second of the server's processor time: one core */
  perCoreSecond: number
  p50Ms: number
  p99Ms: number
  stored: number
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function deliver(url: string, body: Buffer, agent: Agent): Promise<number> {
  const timestamp = String(Date.now())
  const signature = createHmac('sha256', secret).update(`POST${url}`).update(body).update(timestamp).digest('base64')
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length, 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp } }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    call.once('error', reject)
    call.end(body)
  })
}

/**
 * Webhook deliveries against the real route and the real database: how many events are durable and answered per second, and how long an answer takes.
 * @param seconds of each round
 */
export async function measureWebhooks(seconds = 5, batches: readonly number[] = [100, 10, 1]): Promise<WebhookFigures[]> {
  const mongo = await startMongoProcess({})
  const database = `bench-${randomBytes(4).toString('hex')}`
  const client = new MongoClient(mongo.uri)
  const child = fork(fileURLToPath(new URL('webhook-server.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env, NUXT_MONGODB_URI: mongo.uri, NUXT_MONGODB_DATABASE: database, NUXT_AUTH_JWT_SECRET: randomBytes(48).toString('base64'), NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '5ca1ab1e-0000-4000-8000-51a01a70f001', NUXT_HUBSPOT_CLIENT_SECRET: secret, NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback', NUXT_LOG_LEVEL: 'silent',
    },
  })
  try {
    const [{ url }] = await once(child, 'message') as [{ url: string }]
    const db = client.db(database)
    await db.collection('partners').insertOne({ _id: new ObjectId(), name: 'Bench', hubspot_integration: { portal_id: String(portalId), status: 'connected' } })
    const usage = async () => {
      const answer = once(child, 'message') as Promise<[{ usage: NodeJS.CpuUsage }]>
      child.send('usage')
      const [{ usage: { user, system } }] = await answer
      return (user + system) / 1_000_000
    }
    const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
    let eventId = 0
    const body = (size: number) => Buffer.from(JSON.stringify(Array.from({ length: size }, () => ({
      eventId: ++eventId, subscriptionId: 686_601, portalId, appId: 1_512_050, occurredAt: Date.now(), subscriptionType: 'contact.propertyChange', attemptNumber: 0, objectId: eventId % 5000, propertyName: 'firstname', propertyValue: `Value ${eventId}`, changeSource: 'CRM_UI',
    }))))
    for (let warmUp = 0; warmUp < 20; warmUp++) await deliver(url, body(10), agent)
    const figures: WebhookFigures[] = []
    for (const batch of batches) {
      const before = await db.collection('webhook_events').countDocuments()
      const cpuBefore = await usage()
      const times: number[] = []
      const startedAt = performance.now()
      await Promise.all(Array.from({ length: inFlight }, async () => {
        while (performance.now() - startedAt < seconds * 1000) {
          const bytes = body(batch)
          const sentAt = performance.now()
          if (await deliver(url, bytes, agent) !== 200) throw new Error('A delivery was not accepted')
          times.push(performance.now() - sentAt)
        }
      }))
      const wall = (performance.now() - startedAt) / 1000
      const cpu = await usage() - cpuBefore
      const events = times.length * batch
      times.sort((one, other) => one - other)
      figures.push({ batch, events, perSecond: events / wall, perCoreSecond: events / cpu, p50Ms: at(times, 0.5), p99Ms: at(times, 0.99), stored: await db.collection('webhook_events').countDocuments() - before })
    }
    agent.destroy()
    return figures
  }
  finally {
    child.kill()
    await client.close()
    await mongo.stop()
  }
}

/** Prints the figures. */
export async function benchWebhooks(): Promise<void> {
  const lines = (await measureWebhooks()).map(({ batch, events, perSecond, perCoreSecond, p50Ms, p99Ms, stored }) =>
    `webhooks, ${String(batch).padStart(3)} events a delivery: ${Math.round(perSecond)} durable events/s (${Math.round(perCoreSecond)} per core-second of the server; goal 1000), answer p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms (goal 50); ${stored} of ${events} stored`)
  process.stdout.write(`${lines.join('\n')}\n`)
}
