import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import { aConnectedPartner, startServices, testEnvironment } from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { runBundled, type RunningScript } from '../../support/script'
import { startSimulator } from '../../support/simulator'

let test: TestDatabase
let simulator: Simulator
let services: Services
let environment: Record<string, string>
const patience = { timeout: 120_000, interval: 25 }

async function start(contacts: number): Promise<void> {
  test = await testDatabase()
  simulator = await startSimulator({
    contacts,
    deals: 300,
    latencyMs: 60,
    webhookUrl: null,
    settings: { rateLimits: false },
  })
  environment = testEnvironment(test, simulator.env, {
    NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '1000',
  })
  // This process connects and looks on; the work is done by others.
  services = (await startServices(environment)).services
}
afterEach(async () => {
  await services.stop()
  await simulator.stop()
  await test.drop()
})

async function startWorker(): Promise<RunningScript> {
  const worker = await runBundled(new URL('worker-process.ts', import.meta.url), [], environment)
  expect(await worker.firstLine).toBe('READY')
  return worker
}

describe('an import whose process is killed three times', () => {
  // Pages that were read ahead or not noted are read again: a few of each chain for each kill, not
  // the whole list.
  it.each([
    { by: 'one chain of pages', contacts: 1500, targets: [200, 600, 1200], again: 3 * 5 },
    {
      by: 'many chains, of pages and of searches',
      contacts: 6000,
      targets: [1000, 2500, 4500],
      again: 3 * 25,
    },
  ])(
    'is complete in the end, with nothing twice, by $by',
    async ({ contacts, targets, again }) => {
      await start(contacts)
      const { partnerId } = await aConnectedPartner(services)
      const latest = async () => (await services.sync.list(partnerId, { limit: 1 })).items[0]
      const seen = async () => (await latest())?.counts.seen ?? 0
      const workers = await Promise.all([startWorker(), startWorker()])
      for (const target of targets) {
        await vi.waitFor(async () => {
          if ((await seen()) < target) throw new Error(`Not at ${target} yet`)
        }, patience)
        // Whoever carries the run out dies in the middle of it; the other one, or the next, takes
        // over.
        await Promise.all(workers.splice(0).map(worker => worker.kill()))
        workers.push(...(await Promise.all([startWorker(), startWorker()])))
      }
      await vi.waitFor(async () => {
        if ((await latest())?.status !== 'succeeded')
          throw new Error(`The run is ${(await latest())?.status}`)
      }, patience)

      const { leads, deals, syncRuns } = services.database.collections
      expect(await leads.countDocuments({ partner_id: partnerId })).toBe(contacts)
      expect((await leads.distinct('hubspot_id', { partner_id: partnerId })).length).toBe(contacts)
      expect(await deals.countDocuments({ partner_id: partnerId })).toBe(300)
      expect(await latest()).toMatchObject({
        kind: 'initial',
        counts: {
          seen: contacts + 300,
          created: contacts + 300,
          updated: 0,
          unchanged: 0,
          failed: 0,
        },
      })
      expect(
        (await syncRuns.findOne({ partner_id: partnerId }))?.lease?.fence,
      ).toBeGreaterThanOrEqual(4)
      expect(await syncRuns.countDocuments({ partner_id: partnerId })).toBe(1)
      const pages = (await simulator.control.calls({ kind: 'general', limit: 1000 })).filter(call =>
        /\/(contacts|deals)$/.test(call.path),
      )
      expect(pages.length).toBeLessThanOrEqual(contacts / 100 + 3 + again)
      // Pages of 200 by search, and a few searches for each place to cut.
      const searches = await simulator.control.calls({ kind: 'search', limit: 1000 })
      expect(searches.length).toBeLessThanOrEqual(contacts / 200 + 3 + 2 * again)
      expect(await Promise.all(workers.map(worker => worker.stop()))).toEqual([0, 0])
    },
    300_000,
  )
})
