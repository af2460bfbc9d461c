import { createHash } from 'node:crypto'
import { BSON, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Scope } from '#shared/contracts/scope'
import { systemActor } from '../../../server/database/audit'
import type { LeadDocument } from '../../../server/database/documents'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  withoutPace,
  type ConnectedPartner,
} from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { runBundled, type RunningScript } from '../../support/script'
import { startSimulator } from '../../support/simulator'

/** `npm run test:soak -- crash --contacts 100000` asks for more. At least 400: four pages of HubSpot */
const records = Number(process.env.KILLED_RECORDS ?? 500)
const patience = { timeout: 120_000 + records * 60, interval: 5 }

let database: TestDatabase
let simulator: Simulator
let services: Services
let environment: Record<string, string>
let partner: ConnectedPartner
let worker: RunningScript

beforeAll(async () => {
  database = await testDatabase()
  simulator = await startSimulator({
    contacts: records,
    deals: 10,
    webhookUrl: null,
    settings: { rateLimits: false },
  })
  environment = testEnvironment(database, simulator.env, withoutPace)
  // This process asks and looks on; the work is done by others.
  services = (await startServices(environment)).services
  partner = await aConnectedPartner(services)
  worker = await startWorker()
  await settled()
}, patience.timeout)
afterAll(async () => {
  await worker.stop()
  await services.stop()
  await simulator.stop()
  await database.drop()
})

async function startWorker(): Promise<RunningScript> {
  const started = await runBundled(new URL('worker-process.ts', import.meta.url), [], environment)
  expect(await started.firstLine).toBe('READY')
  return started
}
/** HubSpot answers two more pages of contacts, and then no further one. */
const heldAfterTwoPages = () =>
  simulator.control.inject({
    path: '/objects\\/([0-9-]+\\/)?contacts$/',
    method: 'GET',
    skip: 2,
    times: null,
    action: { kind: 'hang' },
  })

/** The process dies. */
async function killed(): Promise<void> {
  await worker.kill()
  expect(worker.child.signalCode).toBe('SIGKILL')
}
const leads = () => services.database.collections.leads
const mine = () => ({ partner_id: partner.partnerId })
/** No run is under way, and nothing waits to be written. */
async function settled(): Promise<void> {
  await vi.waitFor(async () => {
    expect(await services.sync.current(partner.partnerId)).toBeNull()
    expect((await services.sync.list(partner.partnerId, { limit: 1 })).items).not.toEqual([])
    expect(await services.leads.hasDirty(partner.partnerId)).toBe(false)
  }, patience)
}
/** What people see of each lead, by its id in HubSpot */
async function valuesOfAll(): Promise<Map<string | null, LeadDocument['values']>> {
  const all = await leads().find(mine()).toArray()
  expect(all).toHaveLength(records)
  return new Map(all.map(({ hubspot_id, values }) => [hubspot_id, values]))
}
const companies = async () =>
  new Map(
    (await simulator.control.portal().list('contacts', records)).map(({ id, properties }) => [
      id,
      properties.company ?? null,
    ]),
  )

describe('a process that is killed in the middle', () => {
  it(
    'of a change of the scope: another one finishes it, and no record loses anything',
    async () => {
      const before = await valuesOfAll()
      const customers = await simulator.control
        .portal()
        .find('contacts', 'lifecyclestage', 'customer')
      const inside = new Set(customers.map(({ id }) => id))
      const leaving = records - inside.size
      const outside = () => leads().countDocuments({ ...mine(), 'sync.state': 'out_of_scope' })
      const put = (scope: object) =>
        services.mapping.scope.put(partner.partnerId, Scope.parse(scope), systemActor)

      await heldAfterTwoPages()
      await put({ contacts: { lifecycleStages: ['customer'] } })
      await vi.waitFor(async () => expect(await outside()).toBeGreaterThan(0), patience)
      await killed()
      expect(await outside()).toBeLessThan(leaving)
      await simulator.control.clearFaults()
      worker = await startWorker()
      await vi.waitFor(async () => expect(await outside()).toBe(leaving), patience)
      await settled()
      expect(await valuesOfAll()).toEqual(before)
      for (const { hubspot_id, sync } of await leads().find(mine()).toArray())
        expect(sync.scope?.rule ?? null).toBe(
          inside.has(hubspot_id ?? '') ? null : 'lifecycle_stage',
        )

      await heldAfterTwoPages()
      await put({})
      await vi.waitFor(async () => expect(await outside()).toBeLessThan(leaving), patience)
      await killed()
      expect(await outside()).toBeGreaterThan(0)
      await simulator.control.clearFaults()
      worker = await startWorker()
      await vi.waitFor(async () => expect(await outside()).toBe(0), patience)
      await settled()
      expect(await valuesOfAll()).toEqual(before)
    },
    4 * patience.timeout,
  )

  it(
    'of a rehearsal: nothing was written',
    async () => {
      await worker.stop()
      async function stored(): Promise<string> {
        const { collections } = services.database
        const hash = createHash('sha256')
        for (const one of [
          collections.leads,
          collections.deals,
          collections.partners,
          collections.fieldMappings,
          collections.syncScopes,
          collections.syncRuns,
          collections.operations,
        ])
          for await (const document of one.find({}).sort({ _id: 1 }))
            hash.update(BSON.EJSON.stringify(document))
        return hash.digest('hex')
      }
      const before = await stored()
      for (let round = 0; round < 3; round++) {
        const child = await runBundled(new URL('rehearse-process.ts', import.meta.url), [], {
          ...environment,
          PARTNER_ID: partner.partnerId.toHexString(),
        })
        expect(await child.firstLine).toBe('READY')
        await child.kill()
        expect(child.child.signalCode).toBe('SIGKILL')
      }
      expect(await stored()).toBe(before)
      worker = await startWorker()
    },
    2 * patience.timeout,
  )

  it(
    'of an undo: another one finishes it, and both sides are as before, each record taken back once',
    async () => {
      const by = { id: partner.userId, email: partner.email }
      await services.database.collections.partners.updateOne(
        { _id: partner.partnerId },
        { $set: { 'hubspot_integration.write_back': true } },
      )
      const [before, there] = [await valuesOfAll(), await companies()]
      const operation = async (id: string) => await services.operations.get(partner.partnerId, id)
      const ended = (id: string) =>
        vi.waitFor(async () => expect((await operation(id)).status).toBe('succeeded'), patience)

      const edit = { filter: {}, patch: { company: 'Wrong' } }
      const { operationId: editing } = await services.operations.bulkEdit(
        partner.partnerId,
        'lead',
        edit,
        by,
      )
      await ended(editing)
      await settled()
      expect(new Set((await companies()).values())).toEqual(new Set(['Wrong']))

      const undo = await services.operations.undo(partner.partnerId, editing, { by })
      const { operationId: undoing } = undo as { operationId: string }
      for (const done of [1, records / 2]) {
        await vi.waitFor(
          async () => expect((await operation(undoing)).counts.done).toBeGreaterThanOrEqual(done),
          patience,
        )
        await killed()
        // As after the half minute for which the dead process could still be alive.
        await services.database.collections.operations.updateOne(
          { _id: new ObjectId(undoing) },
          { $set: { 'lease.until': new Date(0) } },
        )
        await services.operations.maintain()
        worker = await startWorker()
      }
      await ended(undoing)
      expect((await operation(undoing)).counts).toMatchObject({ failed: 0, skipped: 0 })
      await settled()
      expect(await valuesOfAll()).toEqual(before)
      expect(await companies()).toEqual(there)
      for await (const lead of leads().find(mine()))
        expect(lead.history?.filter(entry => entry.cause?.toHexString() === undoing)).toHaveLength(
          1,
        )
    },
    4 * patience.timeout,
  )
})
