import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMongoProcess, type MongoProcess } from '../../../modules/embedded-mongo/process'
import { createDatabase } from '../../../server/database/client'
import { mainPortalId } from '../../../simulator/control-client'
import { testEnvironment } from '../../support/connected'
import { startMongoProxy, type MongoProxy } from '../../support/mongo-proxy'
import { runBundled, type RunningScript } from '../../support/script'
import { deliverWebhook, webhookEvent } from '../../support/webhooks'

const secret = 'client-secret-of-this-test'
const database = 'engine-kill'
const senders = 12
const rounds = Number(process.env.CRASH_ROUNDS ?? 3)

/**
 * The database is killed under a server that goes on: what it has said 200 to must be there when
 * the same directory is opened again.
 */
describe('deliveries answered with 200 (P6)', () => {
  let directory = ''
  let engine: MongoProcess
  let proxy: MongoProxy
  let target: RunningScript
  let url = ''
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'pc-engine-kill-'))
    engine = await startMongoProcess({ dir: directory })
    proxy = await startMongoProxy(engine.uri)
    const first = createDatabase({ uri: engine.uri, database })
    await first.collections.partners.insertOne({
      _id: new ObjectId(),
      name: 'Northwind',
      hubspot_integration: { portal_id: String(mainPortalId), status: 'connected', paused: false },
    } as never)
    await first.close()
    target = await runBundled(
      new URL('webhook-process.ts', import.meta.url),
      [],
      testEnvironment(
        { uri: proxy.uri, database },
        {
          NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '5ca1ab1e-0000-4000-8000-51a01a70f001',
          NUXT_HUBSPOT_CLIENT_SECRET: secret,
          NUXT_PUBLIC_HUBSPOT_REDIRECT_URI:
            'http://localhost:3000/v1/integrations/hubspot/callback',
        },
      ),
    )
    url = await target.firstLine
  }, 60_000)
  afterAll(async () => {
    await target.kill()
    await proxy.stop()
    await engine.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  const run = randomBytes(3).readUIntBE(0, 3)
  let sent = 0
  const statusOf = new Map<number, number>()
  const answered = (status: number) =>
    [...statusOf].filter(([, one]) => one === status).map(([id]) => id)

  /** Sends from many places at once, large deliveries and small ones, until told to stop. */
  function startSending(): { stop(): Promise<void> } {
    let goesOn = true
    const working = Promise.all(
      Array.from({ length: senders }, async (_, sender) => {
        while (goesOn) {
          const ids = Array.from({ length: 1 + (sender % 4) * 15 }, () => ++sent)
          const { status } = await deliverWebhook(
            url,
            secret,
            ids.map(id => webhookEvent(id, { subscriptionId: run })),
          )
          for (const id of ids) statusOf.set(id, status)
        }
      }),
    )
    return {
      async stop() {
        goesOn = false
        await working
      },
    }
  }

  async function stored(): Promise<Set<number>> {
    const reader = createDatabase({ uri: engine.uri, database })
    const events = await reader.collections.webhookEvents
      .find({}, { projection: { _id: 1 } })
      .toArray()
    await reader.close()
    return new Set(events.map(event => Number(event._id.split('|')[4])))
  }

  it(
    `are stored, through ${rounds} kills of the database amid the next ones`,
    async () => {
      const sending = startSending()
      let missing: number[] = []
      for (let round = 0; round < rounds; round++) {
        // Any moment: some way into the stream of deliveries.
        const enough = answered(200).length + 1 + (randomBytes(2).readUInt16BE(0) % 800)
        await expect
          .poll(() => answered(200).length, { interval: 5, timeout: 30_000 })
          .toBeGreaterThanOrEqual(enough)
        await engine.kill()
        engine = await startMongoProcess({ dir: directory, waitForLockMs: 10_000 })
        const there = await stored()
        missing = missing.concat(answered(200).filter(id => !there.has(id)))
        proxy.leadTo(engine.uri)
      }
      const before = answered(200).length
      await expect
        .poll(() => answered(200).length, { interval: 20, timeout: 30_000 })
        .toBeGreaterThan(before)
      await sending.stop()

      const there = await stored()
      expect(missing).toEqual([])
      expect(answered(200).filter(id => !there.has(id))).toEqual([])
      // Nothing but 200 and "try again" was said, and the second one often enough to mean
      // something.
      expect([...new Set(statusOf.values())].sort()).toEqual([200, 503])
      expect(answered(503).length).toBeGreaterThan(0)
      console.log(
        `engine kill: ${rounds} kills, ${answered(200).length} events acknowledged and there, ${answered(503).length} told to come again (${answered(503).filter(id => there.has(id)).length} of them stored all the same)`,
      )
    },
    30_000 + rounds * 20_000,
  )
})
