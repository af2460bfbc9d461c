import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../simulator/index'
import type { Services } from '../../../server/services'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  withoutPace,
  type ConnectedPartner,
} from '../../support/connected'
import { differences } from '../../support/both-sides'
import { mapStages } from '../../support/model'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { runBundled } from '../../support/script'
import { until } from '../../support/until'

const points = ['J1', 'J2', 'J3', 'J4', 'J5', 'J6', 'J7', 'J8', 'J9'] as const
/** Each point so many times; `npm run test:soak` asks for twenty */
const rounds = Number(process.env.CRASH_ROUNDS ?? 1)
/** How often a process comes by these points in one pass; by the others, three times and more */
const batchesOf: Partial<Record<string, number>> = { J6: 2, J7: 2 }

describe('a process that is killed (P7)', () => {
  let database: TestDatabase
  let simulator: Simulator
  let environment: Record<string, string>
  let services: Services
  let partner: ConnectedPartner
  const createdHere: string[] = []

  beforeAll(async () => {
    database = await testDatabase()
    simulator = await createSimulator({
      contacts: 40,
      deals: 12,
      webhookUrl: null,
      settings: { rateLimits: false },
    })
    environment = testEnvironment(database, simulator.env, withoutPace)
    // This process only stores jobs; others work.
    services = (await startServices(environment)).services
    partner = await aConnectedPartner(services)
    await services.database.collections.partners.updateOne(
      { _id: partner.partnerId },
      { $set: { 'hubspot_integration.write_back': true } },
    )
    await mapStages(
      { collections: services.database.collections },
      { ...partner, portal: simulator.control.portal() },
    )
    await finish()
  }, 120_000)
  afterAll(async () => {
    await services.stop()
    await simulator.stop()
    await database.drop()
  })

  const isIdle = async () =>
    (await services.sync.current(partner.partnerId)) === null &&
    !(await services.leads.hasDirty(partner.partnerId)) &&
    !(await services.deals.hasDirty(partner.partnerId))

  /** A process that lives takes over whatever is left. */
  async function finish(): Promise<void> {
    const { services: worker } = await startServices(environment, {
      runs: { leaseMs: 1500, scheduleEveryMs: 100 },
      sync: { indexLagMs: 0, writeLeaseMs: 1500 },
    })
    await worker.sync.worker.start()
    try {
      await until(
        async () => (await services.sync.current(partner.partnerId)) === null,
        'the run that was left is over',
      )
      for (let pass = 0; pass < 6; pass++) {
        const { id } = await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
        await until(
          async () => (await services.sync.current(partner.partnerId))?.id !== id,
          'the next run is over',
        )
        if (pass > 0 && (await isIdle())) break
      }
    } finally {
      await worker.stop()
    }
  }

  test.each(
    points.flatMap(point => Array.from({ length: rounds }, (_, round) => ({ point, round }))),
  )(
    'at $point (round $round) leaves nothing missing and nothing twice',
    async ({ point, round }) => {
      const portal = simulator.control.portal()
      const mark = `${point}-${round}`
      for (let index = 0; index < 3; index++) {
        const lastName = `here-${mark}-${index}`
        createdHere.push(lastName, `deal-${mark}-${index}`)
        const lead = await services.leads.create(partner.partnerId, {
          ...(index === 0 ? {} : { email: `${mark}-${index}@example.com`.toLowerCase() }),
          firstName: 'Here',
          lastName,
        })
        await services.deals.create(partner.partnerId, {
          name: `deal-${mark}-${index}`,
          stage: 'new',
          ...(index === 2 ? {} : { leadIds: [lead.id] }),
        })
      }
      for (const contact of (await portal.list('contacts', 10)).filter(one => !one.archived))
        await portal.edit('contacts', contact.id, { company: mark })
      for (const deal of await portal.list('deals', 4))
        await portal.edit('deals', deal.id, { amount: String(100 + round) })

      const child = await runBundled(new URL('crash-process.ts', import.meta.url), [], {
        ...environment,
        CRASH_AT: point,
        CRASH_SKIP: String(round % (batchesOf[point] ?? 3)),
      })
      await child.firstLine
      // The edits above have started a run that only writes; the one that also reads follows it.
      let died = false
      void child.ended.then(() => {
        died = true
      })
      await until(
        async () => {
          if (!died) await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
          return died
        },
        `it died at ${point}`,
        { timeoutMs: 90_000 },
      ).finally(() => child.kill())
      expect(child.child.signalCode).toBe('SIGKILL')

      await finish()
      expect(
        await differences(
          { collections: services.database.collections },
          { partnerId: partner.partnerId, portalId: partner.portalId, portal },
          createdHere,
        ),
      ).toEqual([])
    },
    300_000,
  )
})
