import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createCrm } from '../../../server/hubspot/crm-client'
import type { Crm } from '../../../server/hubspot/crm-types'
import type { HubspotError } from '../../../server/hubspot/errors'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import { aConnectedPartner, startServices, testEnvironment } from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSimulator } from '../../support/simulator'
import { noTriggers } from '../../support/sync'

/** The CRM client of one connected partner, and the simulator of its 230 contacts and 60 deals. */
export interface CrmBench {
  crm: Crm
  control: Simulator['control']
}

/** Starts the bench before the tests of a file, resets faults and limits before each, closes it. */
export function useCrmBench(): CrmBench {
  let database: TestDatabase
  let simulator: Simulator
  let services: Services
  // Filled before the first test.
  const bench = {} as CrmBench

  beforeAll(async () => {
    database = await testDatabase()
    simulator = await startSimulator({ contacts: 230, deals: 60, webhookUrl: null })
    const environment = testEnvironment(database, simulator.env)
    services = (await startServices(environment, { triggers: noTriggers })).services
    const { partnerId } = await aConnectedPartner(services)
    const { http, connection, pacing, configuration, metrics } = services
    bench.control = simulator.control
    bench.crm = createCrm({
      http,
      tokens: connection,
      pacing,
      configuration,
      metrics,
      retryDelaysMs: [10, 20, 40],
    }).forPartner(partnerId)
  })
  afterAll(async () => {
    await services.stop()
    await simulator.stop()
    await database.drop()
  })
  beforeEach(async () => {
    await simulator.control.clearFaults()
    await simulator.control.clearCalls()
    await simulator.control.resetLimits()
    await services.database.collections.pace.deleteMany({})
  })
  return bench
}

/** The error of work that must fail. */
export const failed = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('It succeeded')
    },
    (error: unknown) => error as HubspotError,
  )
