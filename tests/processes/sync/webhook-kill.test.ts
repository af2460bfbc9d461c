import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../../../server/database/client'
import { mainPortalId } from '../../../simulator/control-client'
import { testEnvironment } from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { runBundled, type RunningScript } from '../../support/script'
import { deliverWebhook, webhookEvent } from '../../support/webhooks'

const secret = 'client-secret-of-this-test'
const senders = 10

describe('deliveries answered with 200 (P6)', () => {
  let test: TestDatabase
  let database: Database
  let eventId = 0
  beforeAll(async () => {
    test = await testDatabase()
    database = createDatabase({ uri: test.uri, database: test.database })
    await database.collections.partners.insertOne({
      _id: new ObjectId(),
      name: 'Northwind',
      hubspot_integration: { portal_id: String(mainPortalId), status: 'connected', paused: false },
    } as never)
  })
  afterAll(async () => {
    await database.close()
    await test.drop()
  })

  async function startTarget(): Promise<{ process: RunningScript; url: string }> {
    const environment = testEnvironment(test, {
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '5ca1ab1e-0000-4000-8000-51a01a70f001',
      NUXT_HUBSPOT_CLIENT_SECRET: secret,
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: 'http://localhost:3000/v1/integrations/hubspot/callback',
    })
    const target = await runBundled(new URL('webhook-process.ts', import.meta.url), [], environment)
    return { process: target, url: await target.firstLine }
  }

  /**
   * Sends from ten places at once until the target is gone. @returns the events of the deliveries
   * that were answered with 200
   */
  async function sendUntilGone(
    url: string,
    enough: number,
    kill: () => Promise<void>,
  ): Promise<number[]> {
    const answered: number[] = []
    const kills: Promise<void>[] = []
    await Promise.all(
      Array.from({ length: senders }, async (_, sender) => {
        for (;;) {
          const ids = Array.from({ length: 1 + (sender % 3) * 10 }, () => ++eventId)
          const status = await deliverWebhook(
            url,
            secret,
            ids.map(id => webhookEvent(id)),
          ).then(
            answer => answer.status,
            () => null,
          )
          if (status !== 200) return
          answered.push(...ids)
          if (answered.length >= enough && kills.length === 0) kills.push(kill())
        }
      }),
    )
    await Promise.all(kills)
    return answered
  }

  async function missingOf(answered: number[]): Promise<number[]> {
    const stored = (
      await database.collections.webhookEvents.find({}, { projection: { _id: 1 } }).toArray()
    ).map(event => Number(event._id.split('|')[4]))
    const there = new Set(stored)
    return answered.filter(id => !there.has(id))
  }

  it.each([50, 300, 900])(
    'are stored though the process is killed amid the next ones (after %i events)',
    async enough => {
      const { process: target, url } = await startTarget()
      const answered = await sendUntilGone(url, enough, () => target.kill())
      expect(answered.length).toBeGreaterThanOrEqual(enough)
      expect(await missingOf(answered)).toEqual([])
    },
  )
})
