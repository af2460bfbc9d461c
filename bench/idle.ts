import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { collectionsOf } from '../server/database/collections'
import { mainPortalId } from '../simulator/control-client'
import { createSimulator } from '../simulator/index'
import { testEnvironment } from '../tests/support/connected'
import { startMongoProxy } from '../tests/support/mongo-proxy'
import { runScript } from '../tests/support/script'
import { checkoutVariable, sidesOf } from './checkout'
import type { BenchOptions } from './index'
import { tableOf, type Row } from './rows'

const looks = 24
const restSeconds = 20
const intervalSeconds = 300
const partners = 1000

async function measure(checkout: string, mongodbUri: string): Promise<Row['figures']> {
  const proxy = await startMongoProxy(mongodbUri)
  const simulator = await createSimulator({
    contacts: 2000,
    deals: 400,
    webhookUrl: null,
    settings: { rateLimits: false, autoGrantPortalId: mainPortalId },
  })
  const database = `bench-${randomBytes(4).toString('hex')}`
  const env = testEnvironment({ uri: proxy.uri, database }, simulator.env, {
    [checkoutVariable]: checkout,
  })
  const script = runScript(new URL('idle-variant.ts', import.meta.url), [], env)
  // Past the proxy: what the benchmark itself asks counts for nothing.
  const client = await new MongoClient(mongodbUri).connect()
  const { partners: stored, syncRuns } = collectionsOf(client.db(database))

  async function cost() {
    const printed = once(script.child.stdout ?? script.child, 'data') as Promise<[Buffer]>
    script.child.kill('SIGUSR2')
    const [cpu] = await printed
    const { byKind } = await simulator.control.stats()
    return {
      at: performance.now(),
      cpuSeconds: Number(cpu.toString()),
      commands: proxy.takeCommands().length,
      requests: Object.values(byKind).reduce((sum, count) => sum + count, 0),
      runs: await syncRuns.countDocuments(),
    }
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await delay(20)
  }

  /** From when the partner is due until it is written how the look ended. */
  async function look(): Promise<void> {
    const now = new Date()
    await stored.updateMany({}, { $set: { 'hubspot_integration.next_sync_at': now } })
    await until(async () => {
      const synced = (await stored.findOne())?.hubspot_integration?.last_synced_at?.getTime() ?? 0
      return synced >= now.getTime() && (await syncRuns.countDocuments({ active: true })) === 0
    })
  }

  try {
    await script.firstLine
    await until(async () => (await syncRuns.countDocuments({ status: 'succeeded' })) > 0)
    for (let at = 0; at < 3; at++) await look()
    await cost()
    const begun = await cost()
    await delay(restSeconds * 1000)
    const rested = await cost()
    for (let at = 0; at < looks; at++) await look()
    const looked = await cost()
    // What the process does by itself in as much time is no part of a look.
    const share = (looked.at - rested.at) / (rested.at - begun.at)
    const cpuSeconds =
      looked.cpuSeconds - rested.cpuSeconds - (rested.cpuSeconds - begun.cpuSeconds) * share
    return {
      'processor ms': (cpuSeconds * 1000) / looks,
      'requests to HubSpot': (looked.requests - rested.requests) / looks,
      'database commands': (looked.commands - rested.commands * share) / looks,
      'run documents': (looked.runs - rested.runs) / looks,
      [`% of a core, ${partners} partners every ${intervalSeconds} s`]:
        ((cpuSeconds / looks) * partners * 100) / intervalSeconds,
    }
  } finally {
    await script.kill()
    await client.close()
    await simulator.stop()
    await proxy.stop()
  }
}

/** Prints the figures. */
export async function benchIdle({ before }: BenchOptions): Promise<void> {
  const mongo = await startMongoProcess({})
  const sides = sidesOf(before)
  try {
    const rows: Row[] = []
    for (const [side, checkout] of sides)
      rows.push({ side, figures: await measure(checkout, mongo.uri) })
    process.stdout.write(`${tableOf('one look, nothing changed', rows)}\n`)
  } finally {
    await mongo.stop()
  }
}
