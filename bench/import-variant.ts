import { Client } from '@hubspot/api-client'
import { MongoClient } from 'mongodb'
import { moduleOf } from './checkout'

/** What one variant of the import cost, measured in a process of its own. */
export interface ImportFigures {
  seconds: number
  records: number
  /** Highest resident memory of the process, MB */
  peakMb: number
  /** The same before the import began, MB */
  idleMb: number
  cpuSeconds: number
}

const megabyte = 1024 * 1024
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)

async function measure(
  work: () => Promise<{ seconds: number; records: number }>,
): Promise<ImportFigures> {
  const idleMb = process.memoryUsage().rss / megabyte
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return {
    ...result,
    idleMb,
    peakMb: process.resourceUsage().maxRSS / 1024,
    cpuSeconds: (user + system) / 1e6,
  }
}

/**
 * The app's own import, as the measured checkout has it: services and worker as they run in the
 * server.
 */
async function ours(): Promise<ImportFigures> {
  const { aConnectedPartner, startServices } = await moduleOf<
    typeof import('../tests/support/connected')
  >('tests/support/connected.ts')
  const { createLog } = await moduleOf<typeof import('../server/observability/log')>(
    'server/observability/log.ts',
  )
  const { services } = await startServices(environment, { log: createLog({ level: 'silent' }) })
  await services.sync.worker.start()
  const figures = await measure(async () => {
    const { partnerId } = await aConnectedPartner(services)
    for (;;) {
      const [run] = (await services.sync.list(partnerId, { limit: 1 })).items
      if (run?.status === 'succeeded' && run.startedAt && run.finishedAt)
        return {
          seconds: (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000,
          records: run.counts.seen,
        }
      if (run?.status === 'failed') throw new Error(run.error?.message)
      await new Promise(resolve => setTimeout(resolve, 250))
    }
  })
  await services.stop()
  return figures
}

/**
 * What is written first: HubSpot's own client reads everything, then one insert stores it. No
 * checkpoint, no merge, no pace of its own.
 */
async function naive(): Promise<ImportFigures> {
  const mongo = new MongoClient(environment.NUXT_MONGODB_URI ?? '')
  const hubspot = new Client({
    accessToken: environment.BENCH_ACCESS_TOKEN ?? '',
    basePath: environment.NUXT_HUBSPOT_API_BASE_URL,
    limiterOptions: { minTime: 0, maxConcurrent: 10 },
  })
  const database = mongo.db(environment.NUXT_MONGODB_DATABASE)
  const figures = await measure(async () => {
    const startedAt = performance.now()
    const contacts = await hubspot.crm.contacts.getAll(undefined, undefined, [
      'email',
      'firstname',
      'lastname',
      'phone',
      'company',
      'jobtitle',
      'lifecyclestage',
    ])
    if (contacts.length > 0)
      await database
        .collection('naive_contacts')
        .insertMany(contacts.map(contact => ({ ...contact })))
    const deals = await hubspot.crm.deals.getAll(
      undefined,
      undefined,
      ['dealname', 'amount', 'dealstage', 'pipeline', 'closedate'],
      undefined,
      ['contacts'],
    )
    if (deals.length > 0)
      await database.collection('naive_deals').insertMany(deals.map(deal => ({ ...deal })))
    return {
      seconds: (performance.now() - startedAt) / 1000,
      records: contacts.length + deals.length,
    }
  })
  await mongo.close()
  return figures
}

process.stdout.write(`${JSON.stringify(await (process.argv[2] === 'naive' ? naive() : ours()))}\n`)
process.exit(0)
