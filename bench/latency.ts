import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { startSyncBench } from '../tests/support/sync'

const edits = 60
const pollMs = 5

export interface LatencyFigures {
  edits: number
  p50Ms: number
  p95Ms: number
  worstMs: number
}

function summary(times: number[]): LatencyFigures {
  const sorted = [...times].sort((one, other) => one - other)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { edits: times.length, p50Ms: at(0.5), p95Ms: at(0.95), worstMs: at(1) }
}

async function timeUntil(condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<number> {
  const startedAt = performance.now()
  while (!(await condition())) {
    if (performance.now() - startedAt > timeoutMs)
      throw new Error('The edit did not arrive within a minute')
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  return performance.now() - startedAt
}

/**
 * How long an edit takes from one side to the other, with webhooks, the worker and HubSpot's real
 * limits.
 */
export async function measureLatency(): Promise<{
  inbound: LatencyFigures
  outbound: LatencyFigures
}> {
  const mongo = await startMongoProcess({})
  const database = `bench-${randomBytes(4).toString('hex')}`
  const bench = await startSyncBench({
    live: true,
    simulator: { contacts: 500, deals: 100, latencyMs: 50, settings: { rateLimits: true } },
    env: { NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '110', NUXT_HUBSPOT_SEARCHES_PER_SECOND: '5' },
    database: {
      uri: mongo.uri,
      database,
      async drop() {
        const client = new MongoClient(mongo.uri)
        await client.db(database).dropDatabase()
        await client.close()
      },
    },
  })
  try {
    const { partnerId, portalId, portal } = bench.partner
    await bench.until(
      async () =>
        (
          await bench.collections.syncCursors.findOne({
            _id: `${partnerId.toHexString()}:${portalId}`,
          })
        )?.initial_done_at != null && (await bench.services.sync.current(partnerId)) === null,
      120_000,
    )
    const contacts = await portal.list('contacts', edits)
    const inbound: number[] = []
    for (const [index, contact] of contacts.entries()) {
      await portal.edit('contacts', contact.id, { firstname: `There ${index}` })
      inbound.push(
        await timeUntil(
          async () => (await bench.leadOf(contact.id))?.values.firstName === `There ${index}`,
        ),
      )
    }
    const outbound: number[] = []
    for (const [index, contact] of contacts.entries()) {
      const lead = await bench.leadOf(contact.id)
      await bench.services.leads.patch(partnerId, lead?._id.toHexString() ?? '', {
        company: `Here ${index}`,
      })
      outbound.push(
        await timeUntil(
          async () =>
            (await portal.get('contacts', contact.id)).properties.company === `Here ${index}`,
        ),
      )
    }
    return { inbound: summary(inbound), outbound: summary(outbound) }
  } finally {
    await bench.stop()
    await mongo.stop()
  }
}

/** Prints the figures. */
export async function benchLatency(): Promise<void> {
  const { inbound, outbound } = await measureLatency()
  const line = (
    what: string,
    { edits: count, p50Ms, p95Ms, worstMs }: LatencyFigures,
    goal: string,
  ) =>
    `latency, ${what}: p50 ${Math.round(p50Ms)} ms, p95 ${Math.round(p95Ms)} ms (goal ${goal}), worst ${Math.round(worstMs)} ms over ${count} edits\n`
  process.stdout.write(
    line('HubSpot edit to lead', inbound, '2000') + line('lead edit to HubSpot', outbound, '3000'),
  )
}
