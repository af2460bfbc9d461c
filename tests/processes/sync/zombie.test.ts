import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  withoutPace,
} from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { runBundled, type RunningScript } from '../../support/script'
import { startSimulator } from '../../support/simulator'

let test: TestDatabase
let simulator: Simulator
let services: Services
let environment: Record<string, string>
const patience = { timeout: 100_000, interval: 50 }
const started: RunningScript[] = []

beforeEach(async () => {
  test = await testDatabase()
  simulator = await startSimulator({
    contacts: 900,
    deals: 20,
    webhookUrl: null,
    settings: { rateLimits: false },
  })
  environment = testEnvironment(test, simulator.env, withoutPace)
  // This process stores jobs and looks on; the work is done by others.
  services = (await startServices(environment)).services
})
afterEach(async () => {
  await Promise.all(started.splice(0).map(each => each.kill()))
  await services.stop()
  await simulator.stop()
  await test.drop()
})

async function start(
  script: string,
  env: Record<string, string> = {},
): Promise<RunningScript & { log(): string }> {
  const child = await runBundled(new URL(script, import.meta.url), [], {
    ...environment,
    NUXT_LOG_LEVEL: 'info',
    ...env,
  })
  started.push(child)
  const chunks: string[] = []
  child.child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  expect(await child.firstLine).toBe('READY')
  return { ...child, log: () => chunks.join('') }
}

/** Whoever takes over: with the product's own lease, which a busy machine does not make it lose. */
const startHeir = () => start('worker-process.ts', { TEST_LEASE_MS: '12000' })

/** Linux says `T` of a process that was stopped. */
const isFrozen = ({ child }: RunningScript) =>
  /^State:\s+T/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'))

async function wake(zombie: RunningScript & { log(): string }): Promise<void> {
  zombie.child.kill('SIGCONT')
  await vi.waitFor(() => expect(zombie.log()).toMatch(/lease_lost/), patience)
  // It has let go of what it had begun: it can end.
  expect(await zombie.stop()).toBe(0)
}

async function everything(): Promise<unknown> {
  const { leads, deals, syncRuns } = services.database.collections
  return await Promise.all(
    [leads, deals, syncRuns].map(collection =>
      collection
        .find({} as never)
        .sort({ _id: 1 })
        .toArray(),
    ),
  )
}

describe('a process that is frozen for longer than its lease', () => {
  it('writes nothing of its page when it wakes up after another one has finished the import', async () => {
    const zombie = await start('zombie-process.ts', { FREEZE_AT: 'page' })
    const { partnerId } = await aConnectedPartner(services)
    await vi.waitFor(() => expect(isFrozen(zombie)).toBe(true), patience)
    const fence = async () =>
      (await services.database.collections.syncRuns.findOne({ partner_id: partnerId }))?.lease
        ?.fence
    const lost = (await fence()) ?? 0
    const heir = await startHeir()
    const latest = async () => (await services.sync.list(partnerId, { limit: 1 })).items[0]
    await vi.waitFor(async () => expect((await latest())?.status).toBe('succeeded'), patience)
    expect(await latest()).toMatchObject({
      kind: 'initial',
      counts: { seen: 920, created: 920, updated: 0, unchanged: 0, failed: 0 },
    })
    expect(await fence()).toBe(lost + 1)
    await heir.stop()

    const before = await everything()
    await wake(zombie)
    expect(await everything()).toEqual(before)
  }, 300_000)

  it('sends nothing of its batch to HubSpot when it wakes up after another one has written it and HubSpot has changed since', async () => {
    const first = await start('worker-process.ts')
    const { partnerId, portalId } = await aConnectedPartner(services)
    await vi.waitFor(
      async () =>
        expect((await services.sync.list(partnerId, { limit: 1 })).items[0]?.status).toBe(
          'succeeded',
        ),
      patience,
    )
    await first.stop()
    const { partners, leads } = services.database.collections
    await partners.updateOne(
      { _id: partnerId },
      { $set: { 'hubspot_integration.write_back': true } },
    )

    const zombie = await start('zombie-process.ts', { FREEZE_AT: 'write' })
    const [lead] = await leads
      .find({ partner_id: partnerId, portal_id: portalId, hubspot_id: { $ne: null } })
      .limit(1)
      .toArray()
    const contactId = lead?.hubspot_id ?? ''
    await services.leads.patch(partnerId, lead?._id.toHexString() ?? '', { company: 'Edited here' })
    await vi.waitFor(() => expect(isFrozen(zombie)).toBe(true), patience)

    const heir = await startHeir()
    const portal = simulator.control.portal()
    const company = async () => (await portal.get('contacts', contactId)).properties.company
    await vi.waitFor(async () => expect(await company()).toBe('Edited here'), patience)
    await portal.edit('contacts', contactId, { company: 'Edited there since' })
    await services.sync.requestSync(partnerId, { trigger: 'manual' })
    await vi.waitFor(async () => {
      if (
        (await services.sync.current(partnerId)) === null &&
        (await leads.findOne({ _id: lead?._id }))?.values.company !== 'Edited there since'
      )
        await services.sync.requestSync(partnerId, { trigger: 'manual' })
      expect((await leads.findOne({ _id: lead?._id }))?.values.company).toBe('Edited there since')
      expect(await services.sync.current(partnerId)).toBeNull()
    }, patience)
    await heir.stop()

    const before = await everything()
    await simulator.control.clearCalls()
    await wake(zombie)
    expect(
      (await simulator.control.calls({ path: '/batch/' })).filter(call =>
        /\/batch\/(create|update)$/.test(call.path),
      ),
    ).toEqual([])
    expect(await company()).toBe('Edited there since')
    expect(await everything()).toEqual(before)
  }, 300_000)
})
