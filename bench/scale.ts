import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { collectionsOf } from '../server/database/collections'
import { mainPortalId } from '../simulator/control-client'
import { createSimulator } from '../simulator/index'
import { testEnvironment } from '../tests/support/connected'
import { runScript } from '../tests/support/script'
import { checkoutVariable, sidesOf } from './checkout'
import type { BenchOptions } from './index'
import { tableOf, type Row } from './rows'

const pollMs = 500

/** The import at HubSpot's limits, with one SIGKILL in the middle. */
async function measure(
  checkout: string,
  { contacts, deals, latencyMs }: BenchOptions,
  mongodbUri: string,
): Promise<Row['figures']> {
  const simulator = await createSimulator({
    contacts,
    deals,
    latencyMs,
    webhookUrl: null,
    settings: { rateLimits: true, autoGrantPortalId: mainPortalId },
  })
  const database = `bench-${randomBytes(4).toString('hex')}`
  const env = testEnvironment({ uri: mongodbUri, database }, simulator.env, {
    [checkoutVariable]: checkout,
  })
  const start = (who: string) => runScript(new URL('scale-variant.ts', import.meta.url), [who], env)
  const client = await new MongoClient(mongodbUri).connect()
  const collections = collectionsOf(client.db(database))
  const stored = async () =>
    (await collections.leads.estimatedDocumentCount()) +
    (await collections.deals.estimatedDocumentCount())
  try {
    const first = start('connects')
    await first.firstLine
    const startedAt = performance.now()
    while ((await stored()) < (contacts + deals) / 2) await delay(pollMs)
    await first.kill()
    const atKill = await stored()
    const killedAt = performance.now()
    const second = start('continues')
    await second.firstLine
    while ((await stored()) <= atKill) await delay(pollMs)
    const lostSeconds = (performance.now() - killedAt) / 1000
    for (;;) {
      const run = await collections.syncRuns.findOne({ kind: 'initial', active: false })
      if (run?.status === 'succeeded') break
      if (run) throw new Error(`The import ended as ${run.status}: ${JSON.stringify(run.error)}`)
      await delay(pollMs)
    }
    const seconds = (performance.now() - startedAt) / 1000
    await second.kill()
    const stats = await simulator.control.stats()
    return {
      seconds,
      'records/s': (contacts + deals) / seconds,
      'seconds until records came again after the kill': lostSeconds,
      'answers 429': stats.byStatus['429'] ?? 0,
      'leads missing': contacts - (await collections.leads.countDocuments()),
      'deals missing': deals - (await collections.deals.countDocuments()),
      'records that do not say in_sync':
        (await collections.leads.countDocuments({ 'sync.state': { $ne: 'in_sync' } })) +
        (await collections.deals.countDocuments({ 'sync.state': { $ne: 'in_sync' } })),
    }
  } finally {
    await client.close()
    await simulator.stop()
  }
}

/** Prints the figures. */
export async function benchScale(options: BenchOptions): Promise<void> {
  const { before, contacts, deals, latencyMs } = options
  const mongo = await startMongoProcess({})
  const sides = sidesOf(before)
  try {
    const rows: Row[] = []
    for (const [side, checkout] of sides)
      rows.push({ side, figures: await measure(checkout, options, mongo.uri) })
    process.stdout.write(
      `${tableOf(`${contacts} contacts, ${deals} deals, answers after ${latencyMs} ms`, rows)}\n`,
    )
  } finally {
    await mongo.stop()
  }
}
