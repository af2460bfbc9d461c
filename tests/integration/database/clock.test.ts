import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import me from '../../../server/api/v1/auth/me.get'
import { provideServices } from '../../../server/http/services'
import type { Services } from '../../../server/services'
import { aConnectedPartner, startServices, testEnvironment } from '../../support/connected'
import { createClient } from '../../support/client'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { mountRoutes } from '../../support/mount-routes'
import { startSimulator } from '../../support/simulator'

/** What a process whose clock is wrong is off by, ms */
const offByMs = 10 * 60_000

let database: TestDatabase
let simulator: Awaited<ReturnType<typeof startSimulator>>
const all: Services[] = []
let right: Services
let ahead: Services
let behind: Services
let app: Awaited<ReturnType<typeof mountRoutes>>
let partner: Awaited<ReturnType<typeof aConnectedPartner>>
const nothing = async () => {}
beforeAll(async () => {
  database = await testDatabase()
  simulator = await startSimulator({ webhookUrl: null, settings: { rateLimits: false } })
  const environment = testEnvironment(database, simulator.env)
  for (const offsetMs of [0, offByMs, -offByMs])
    all.push(
      (
        await startServices(environment, {
          processClock: () => new Date(Date.now() + offsetMs),
          triggers: {
            connected: nothing,
            localChange: nothing,
            webhookArrived: nothing,
            mappingChanged: nothing,
          },
        })
      ).services,
    )
  ;[right, ahead, behind] = all as [Services, Services, Services]
  app = await mountRoutes(right, [{ method: 'GET', path: '/api/v1/auth/me', handler: me }])
  partner = await aConnectedPartner(right)
}, 60_000)
afterAll(async () => {
  await app.close()
  for (const services of all) await services.stop()
  await simulator.stop()
  await database.drop()
})

test.each([
  { at: 'ahead', then: 'right', here: () => ahead, there: () => right },
  { at: 'behind', then: 'right', here: () => behind, there: () => right },
  { at: 'right', then: 'ahead', here: () => right, there: () => ahead },
  { at: 'right', then: 'behind', here: () => right, there: () => behind },
])(
  'who signs in where the clock is $at is signed in where it is $then',
  async ({ here, there }) => {
    provideServices(here())
    const client = createClient(app.url)
    expect((await client.signIn(partner.email, partner.password)).status).toBe(200)
    provideServices(there())
    expect((await client.get('/api/v1/auth/me')).status).toBe(200)
    const [latest] = await right.database.collections.sessions
      .find()
      .sort({ _id: -1 })
      .limit(1)
      .toArray()
    expect(Math.abs(Number(latest?.created_at) - Date.now())).toBeLessThan(offByMs / 2)
  },
)

test('a process whose clock is ahead takes no run over from one that works', async () => {
  const { collections } = right.database
  const { id } = await right.sync.requestSync(partner.partnerId, { trigger: 'manual' })
  const runId = new ObjectId(id)
  expect(await collections.syncRuns.countDocuments({ _id: runId })).toBe(1)
  const look = (services: Services) =>
    services.sync.runs.abandoned({ triggerMs: 30_000, limit: 10 })
  expect(await look(ahead)).toEqual([])
  expect(await right.sync.runs.claim(runId, 'a process that works')).not.toBeNull()
  expect(await look(ahead)).toEqual([])
  expect(await ahead.sync.runs.claim(runId, 'another process')).toBeNull()
})
