import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MongoClient, ObjectId } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { createLoad, type LoadFigures } from './webhook-load'

const portalId = 48_210_001
const secret = 'client-secret-of-the-benchmark'
const batches = [100, 10, 1] as const
/** Events a second: a fifth more than the goal, and the most that is taken */
const rates = [1200, null] as const

export interface WebhookFigures extends LoadFigures {
  batch: number
  rate: number | null
  /** Stored and answered, per second of the server's processor time: one core */
  perCoreSecond: number
  stored: number
}

/**
 * Webhook deliveries against the real route and the real database: how many events are durable and
 * answered per second, and how long an answer takes.
 * @param seconds of each round
 */
export async function measureWebhooks(seconds = 5): Promise<WebhookFigures[]> {
  const mongo = await startMongoProcess({})
  const database = `bench-${randomBytes(4).toString('hex')}`
  const client = new MongoClient(mongo.uri)
  const child = fork(fileURLToPath(new URL('webhook-server.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env,
      NUXT_MONGODB_URI: mongo.uri,
      NUXT_MONGODB_DATABASE: database,
      NUXT_AUTH_JWT_SECRET: randomBytes(48).toString('base64'),
      NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '5ca1ab1e-0000-4000-8000-51a01a70f001',
      NUXT_HUBSPOT_CLIENT_SECRET: secret,
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
      NUXT_LOG_LEVEL: 'silent',
    },
  })
  try {
    const [{ url }] = (await once(child, 'message')) as [{ url: string }]
    const db = client.db(database)
    await db.collection('partners').insertOne({
      _id: new ObjectId(),
      name: 'Bench',
      hubspot_integration: { portal_id: String(portalId), status: 'connected', paused: false },
    })
    const usage = async () => {
      const answer = once(child, 'message') as Promise<[{ usage: NodeJS.CpuUsage }]>
      child.send('usage')
      const [
        {
          usage: { user, system },
        },
      ] = await answer
      return (user + system) / 1_000_000
    }
    const load = createLoad({ url, secret, portalId })
    await load.run({ batch: 10, seconds: 2, rate: null })
    const figures: WebhookFigures[] = []
    for (const rate of rates) {
      for (const batch of batches) {
        const before = await db.collection('webhook_events').countDocuments()
        const cpuBefore = await usage()
        const measured = await load.run({ batch, seconds, rate })
        const cpu = (await usage()) - cpuBefore
        figures.push({
          batch,
          rate,
          ...measured,
          perCoreSecond: measured.events / cpu,
          stored: (await db.collection('webhook_events').countDocuments()) - before,
        })
      }
    }
    load.end()
    return figures
  } finally {
    child.kill()
    await client.close()
    await mongo.stop()
  }
}

/** Prints the figures. */
export async function benchWebhooks(): Promise<void> {
  const lines = (await measureWebhooks()).map(
    ({ batch, rate, events, perSecond, perCoreSecond, p50Ms, p99Ms, stored }) => {
      const what = `webhooks, ${String(batch).padStart(3)} events a delivery, ${rate === null ? 'as fast as they are taken' : `${rate} offered a second`}`
      const answer = `answer p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${rate === null ? '' : ' (goal 50)'}`
      return `${what}: ${Math.round(perSecond)} durable events/s (goal 1000; ${Math.round(perCoreSecond)} per core-second of the server), ${answer}; ${stored} of ${events} stored`
    },
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}
