import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import type { Services } from '../../../server/services'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  type ConnectedPartner,
} from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSimulator } from '../../support/simulator'
import { isStrange } from '../../support/strange'

let test: TestDatabase
let simulator: Simulator
let services: Services
let partner: ConnectedPartner
/** 120 pages, each of which a slow HubSpot takes half a second for */
const limitMs = isStrange('real') ? 300_000 : 60_000
const patience = { timeout: limitMs, interval: 50 }

beforeAll(async () => {
  test = await testDatabase()
  simulator = await startSimulator({ contacts: 10_000, deals: 2000, webhookUrl: null })
  services = (await startServices(testEnvironment(test, simulator.env))).services
  await services.sync.worker.start()
  partner = await aConnectedPartner(services)
})
afterAll(async () => {
  await services.stop()
  await simulator.stop()
  await test.drop()
})

describe('the first sync of a portal', () => {
  it(
    'brings every contact and deal, once, and says so',
    async () => {
      await expect
        .poll(
          async () => (await services.sync.list(partner.partnerId, { limit: 1 })).items[0]?.status,
          patience,
        )
        .toBe('succeeded')
      const { items } = await services.sync.list(partner.partnerId, { limit: 10 })
      expect(items).toHaveLength(1)
      expect(items[0]).toMatchObject({
        kind: 'initial',
        trigger: 'connect',
        total: 12_000,
        counts: {
          seen: 12_000,
          created: 12_000,
          updated: 0,
          unchanged: 0,
          failed: 0,
          writtenBack: 0,
        },
        error: null,
      })
      expect(items[0]?.ratePerSecond).toBeGreaterThan(0)
      const { leads, deals, syncCursors } = services.database.collections
      expect(await leads.countDocuments({ partner_id: partner.partnerId })).toBe(10_000)
      expect((await leads.distinct('hubspot_id', { partner_id: partner.partnerId })).length).toBe(
        10_000,
      )
      expect(await deals.countDocuments({ partner_id: partner.partnerId })).toBe(2000)
      const withContacts = await deals.countDocuments({
        partner_id: partner.partnerId,
        'hubspot_contact_ids.0': { $exists: true },
      })
      expect(withContacts).toBeGreaterThan(0)
      expect(
        await deals.countDocuments({
          partner_id: partner.partnerId,
          'lead_ids.0': { $exists: true },
        }),
      ).toBe(withContacts)
      expect(await syncCursors.findOne({ partner_id: partner.partnerId })).toMatchObject({
        portal_id: partner.portalId,
        initial_done_at: expect.any(Date),
        contacts_watermark: expect.any(Date),
      })
      const view = await services.connection.view(
        partner.partnerId,
        await services.sync.current(partner.partnerId),
      )
      expect(view).toMatchObject({
        status: 'connected',
        currentRun: null,
        lastSyncedAt: expect.any(String),
        nextSyncAt: expect.any(String),
      })
    },
    1.5 * limitMs,
  )

  it("stays within HubSpot's limits and is never refused", async () => {
    const stats = await simulator.control.stats()
    expect(stats.byStatus['429'] ?? 0).toBe(0)
    expect(stats.maxInTenSeconds[partner.portalId]).toBeLessThanOrEqual(110)
  })
})
