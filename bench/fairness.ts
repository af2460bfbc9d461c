import { randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { startSimulator } from '../tests/support/simulator'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  type ConnectedPartner,
} from '../tests/support/connected'
import type { Services } from '../server/services'

const changes = 100_000
const presses = 30
const otherPortalId = 145_870_330

interface FairnessFigures {
  aloneMs: number
  besideMs: number
  /** Requests of the busy partner while the other one was measured */
  busyCalls: number
}

function median(times: number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0
}

async function over(services: Services, partner: ConnectedPartner): Promise<void> {
  while ((await services.sync.current(partner.partnerId)) !== null)
    await new Promise(resolve => setTimeout(resolve, 5))
}

/**
 * @returns the median of so many Sync Nows one after the other, from the press to the end of the
 *   run, ms
 */
async function syncNows(services: Services, partner: ConnectedPartner): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < presses; i++) {
    const startedAt = performance.now()
    await services.sync.requestSync(partner.partnerId, { trigger: 'manual' })
    await over(services, partner)
    times.push(performance.now() - startedAt)
  }
  return median(times)
}

/** New leads that wait to be written, as if they had been made one by one. */
async function fillOutbox(services: Services, partner: ConnectedPartner): Promise<void> {
  const { leads, partners } = services.database.collections
  const { id } = await services.leads.create(partner.partnerId, {
    email: 'first@example.com',
    lastName: 'First',
  })
  const first = await leads.findOne({ _id: new ObjectId(id) })
  if (!first) throw new Error('The lead is gone')
  for (let from = 0; from < changes; from += 5000) {
    await leads.insertMany(
      Array.from({ length: 5000 }, (_, index) => {
        const email = `waiting-${from + index}@example.com`
        return {
          ...first,
          _id: new ObjectId(),
          values: { ...first.values, email },
          local_email: email,
          search: [email],
        }
      }),
      { ordered: false, writeConcern: { w: 1, j: false } },
    )
  }
  await partners.updateOne(
    { _id: partner.partnerId },
    { $set: { 'hubspot_integration.write_back': true } },
  )
  await services.writeBackOpened(partner.partnerId)
}

/**
 * How much one partner's hundred thousand changes slow another one's Sync Now down, in one process,
 * with HubSpot's limits and 50 ms to each answer.
 */
async function measureFairness(): Promise<FairnessFigures> {
  const mongo = await startMongoProcess({})
  const simulator = await startSimulator({
    contacts: 200,
    deals: 20,
    latencyMs: 50,
    webhookUrl: null,
  })
  const { services } = await startServices(
    testEnvironment(
      { uri: mongo.uri, database: `bench-${randomBytes(4).toString('hex')}` },
      simulator.env,
    ),
  )
  try {
    await services.sync.worker.start()
    const [big, small] = [
      await aConnectedPartner(services),
      await aConnectedPartner(services, otherPortalId),
    ]
    for (const partner of [big, small]) await over(services, partner)
    const aloneMs = await syncNows(services, small)
    await fillOutbox(services, big)
    const busy = async () =>
      (await simulator.control.calls({ path: '/crm/', limit: 50_000 })).filter(
        call => String(call.portalId) === big.portalId,
      ).length
    const before = await busy()
    while ((await busy()) < before + 5) await new Promise(resolve => setTimeout(resolve, 20))
    const from = await busy()
    const besideMs = await syncNows(services, small)
    return { aloneMs, besideMs, busyCalls: (await busy()) - from }
  } finally {
    await services.stop()
    await simulator.stop()
    await mongo.stop()
  }
}

/** Prints the figures. */
export async function benchFairness(): Promise<void> {
  const { aloneMs, besideMs, busyCalls } = await measureFairness()
  process.stdout.write(
    `fairness: Sync Now alone ${Math.round(aloneMs)} ms, beside another partner's ${changes} changes ${Math.round(besideMs)} ms (medians of ${presses}): ${(besideMs / aloneMs).toFixed(2)} times (goal below 2); the other partner made ${busyCalls} calls meanwhile\n`,
  )
}
