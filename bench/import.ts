import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { mainPortalId } from '../simulator/control-client'
import { createSimulator } from '../simulator/index'
import { rootDir } from '../tests/support/build'
import { testEnvironment, withoutPace } from '../tests/support/connected'
import { runScript } from '../tests/support/script'
import { checkoutVariable, sidesOf, type Side } from './checkout'
import type { ImportFigures } from './import-variant'
import type { BenchOptions } from './index'
import { accessToken } from './naive-token'
import { tableOf, type Row } from './rows'

interface Variant {
  side: Side
  checkout: string
  contacts: number
  deals: number
  latencyMs: number
  /** HubSpot's 110 requests in ten seconds, and 5 searches a second */
  limited: boolean
}

/** What HubSpot's limits allow a second: 11 list pages of 100 records */
const allowedPerSecond = 11

async function measure(variant: Variant, mongodbUri: string): Promise<Row> {
  const { contacts, deals, latencyMs, limited, side, checkout } = variant
  const simulator = await createSimulator({
    contacts,
    deals,
    latencyMs,
    webhookUrl: null,
    settings: { rateLimits: limited, autoGrantPortalId: mainPortalId },
  })
  const database = `bench-${randomBytes(4).toString('hex')}`
  const client = await new MongoClient(mongodbUri).connect()
  try {
    const pace = limited ? {} : withoutPace
    const token: Record<string, string> =
      side === 'naive'
        ? { BENCH_ACCESS_TOKEN: await accessToken(simulator.env, simulator.url) }
        : {}
    await simulator.control.clearCalls()
    const child = runScript(
      new URL('import-variant.ts', import.meta.url),
      [side === 'naive' ? 'naive' : 'ours'],
      {
        ...testEnvironment({ uri: mongodbUri, database }, simulator.env, pace),
        ...token,
        [checkoutVariable]: checkout,
      },
    )
    const figures = JSON.parse(await child.firstLine) as ImportFigures
    await child.ended
    const stats = await simulator.control.stats()
    const requests = (stats.byKind.general ?? 0) + (stats.byKind.search ?? 0)
    const { dataSize, indexSize } = await client.db(database).command({ dbStats: 1 })
    return {
      side,
      figures: {
        'records/s': figures.records / figures.seconds,
        'requests/s': requests / figures.seconds,
        [`% of ${allowedPerSecond} requests/s`]: limited
          ? (requests / figures.seconds / allowedPerSecond) * 100
          : null,
        'answers 429': stats.byStatus['429'] ?? 0,
        'processor µs a record': (figures.cpuSeconds * 1e6) / figures.records,
        'stored bytes a record': Number(dataSize) / figures.records,
        'index bytes a record': Number(indexSize) / figures.records,
        'memory MB at idle': figures.idleMb,
        'memory MB at most': figures.peakMb,
      },
    }
  } finally {
    await client.close()
    await simulator.stop()
  }
}

/** Prints the figures. */
export async function benchImport({ before, latencyMs }: BenchOptions): Promise<void> {
  const mongo = await startMongoProcess({})
  const ours = sidesOf(before)
  async function print(
    title: string,
    sides: [Side, string][],
    variant: Omit<Variant, 'side' | 'checkout'>,
  ): Promise<void> {
    const rows: Row[] = []
    for (const [side, checkout] of sides)
      rows.push(await measure({ ...variant, side, checkout }, mongo.uri))
    process.stdout.write(`${tableOf(title, rows)}\n\n`)
  }
  try {
    const small = { contacts: 20_000, deals: 2000 }
    await print(`at HubSpot's limits, answers after ${latencyMs} ms`, ours, {
      ...small,
      latencyMs,
      limited: true,
    })
    await print('no limit, answers at once', [...ours, ['naive', rootDir]], {
      ...small,
      latencyMs: 0,
      limited: false,
    })
    const whole: [Side, string][] = [
      ['after', rootDir],
      ['naive', rootDir],
    ]
    await print('no limit, 200,000 contacts: memory', whole, {
      contacts: 200_000,
      deals: 2000,
      latencyMs: 0,
      limited: false,
    })
  } finally {
    await mongo.stop()
  }
}
