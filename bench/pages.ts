import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { MongoClient } from 'mongodb'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { collectionsOf } from '../server/database/collections'
import { newLead } from '../server/records/blank'
import { startApp } from '../tests/support/app'
import { rootDir } from '../tests/support/build'
import { createClient } from '../tests/support/client'
import { startMongoProxy } from '../tests/support/mongo-proxy'
import { runScript } from '../tests/support/script'
import { aUser } from '../tests/support/users'
import { serverOf, type Side } from './checkout'
import type { BenchOptions } from './index'
import { tableOf, type Row } from './rows'

const leads = 10_000
const connections = 8
const user = { email: 'bench@example.test', password: 'a long enough password' }
const paths = [
  { path: '/api/v1/auth/me', requests: 600 },
  { path: '/api/v1/leads?limit=25', requests: 400 },
  { path: '/leads', requests: 80 },
  { path: '/settings/hubspot', requests: 80 },
] as const

/** What serves the measured paths */
interface Served {
  url: string
  cookie: string
  /** Processor seconds that its process has used so far */
  cpu(): Promise<number>
  stop(): Promise<unknown>
}

function get(url: string, cookie: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, accept: 'text/html,*/*', 'accept-encoding': 'gzip, deflate, br' }
    request(url, { agent, headers }, answer => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length))
      answer.once('end', () =>
        answer.statusCode === 200
          ? resolve(bytes)
          : reject(new Error(`${url} answered ${answer.statusCode}`)),
      )
    })
      .once('error', reject)
      .end()
  })
}

/** So many requests over eight connections. @returns bytes of one answer's body, as sent */
async function ask({ url, cookie }: Served, path: string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let left = count
  let bytes = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) bytes = await get(`${url}${path}`, cookie, agent)
    }),
  )
  agent.destroy()
  return bytes
}

async function seed(uri: string, database: string): Promise<void> {
  const client = await new MongoClient(uri).connect()
  const collections = collectionsOf(client.db(database))
  const { partnerId } = await aUser(collections, { partnerName: 'Bench', role: 'admin', ...user })
  const now = Date.now()
  await collections.leads.insertMany(
    Array.from({ length: leads }, (_, at) =>
      newLead(
        partnerId,
        {
          email: `person${at}@example.test`,
          firstName: `First ${at}`,
          lastName: `Last ${at}`,
          phone: `+1 555 ${at}`,
          company: `Company ${at % 500}`,
          jobTitle: 'Buyer',
          lifecycleStage: 'lead',
        },
        new Date(now - at * 1000),
      ),
    ),
  )
  await client.close()
}

async function theApp(entry: string, uri: string, database: string): Promise<Served> {
  const app = await startApp({
    mongodbUri: uri,
    database,
    entry,
    env: { NUXT_LOG_LEVEL: 'error', NUXT_WORKER: 'false' },
  })
  await seed(uri, database)
  const client = createClient(app.url)
  const answer = await client.signIn(user.email, user.password)
  if (answer.status !== 200) throw new Error(`The sign-in answered ${answer.status}`)
  return {
    url: app.url,
    cookie: client.cookie,
    async cpu() {
      const text = await (await fetch(`${app.url}/metrics`)).text()
      return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1])
    },
    stop: app.stop,
  }
}

async function theNaive(uri: string, database: string): Promise<Served> {
  await seed(uri, database)
  const script = runScript(new URL('naive-pages.ts', import.meta.url), [], {
    BENCH_URI: uri,
    BENCH_DATABASE: database,
  })
  const url = await script.firstLine
  return {
    url,
    cookie: '',
    cpu: async () => Number(await (await fetch(`${url}/cpu`)).text()),
    stop: script.kill,
  }
}

async function measure(served: Served, takeCommands: () => string[]): Promise<Row['figures'][]> {
  const measured: Row['figures'][] = []
  for (const { path, requests } of paths) {
    await ask(served, path, connections * 3)
    takeCommands()
    const cpuBefore = await served.cpu()
    const startedAt = performance.now()
    const bytes = await ask(served, path, requests)
    const seconds = (performance.now() - startedAt) / 1000
    measured.push({
      'answers/s': requests / seconds,
      'processor ms an answer': (((await served.cpu()) - cpuBefore) * 1000) / requests,
      'kB over the wire': bytes / 1000,
      'database commands an answer': takeCommands().length / requests,
    })
  }
  return measured
}

/** Prints the figures. */
export async function benchPages({ before }: BenchOptions): Promise<void> {
  const mongo = await startMongoProcess({})
  const proxy = await startMongoProxy(mongo.uri)
  const sides: [Side, (database: string) => Promise<Served>][] = [
    ...(before === null
      ? []
      : [
          ['before', (database: string) => theApp(serverOf(before), proxy.uri, database)] as [
            Side,
            (database: string) => Promise<Served>,
          ],
        ]),
    ['after', database => theApp(serverOf(rootDir), proxy.uri, database)],
    ['naive', database => theNaive(proxy.uri, database)],
  ]
  const rows = new Map<Side, Row['figures'][]>()
  try {
    for (const [side, start] of sides) {
      const served = await start(`bench-${randomBytes(4).toString('hex')}`)
      rows.set(side, await measure(served, proxy.takeCommands))
      await served.stop()
    }
    for (const [at, { path }] of paths.entries())
      process.stdout.write(
        `${tableOf(
          `${path}, ${leads} leads, ${connections} connections`,
          [...rows].map(([side, figures]) => ({ side, figures: figures[at] ?? {} })),
        )}\n\n`,
      )
  } finally {
    await proxy.stop()
    await mongo.stop()
  }
}
