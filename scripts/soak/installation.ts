import { readFileSync } from 'node:fs'
import { createDatabase } from '../../server/database/client'
import { mainPortalId } from '../../simulator/control-client'
import type { RunningApp } from '../../tests/support/app'
import { createClient, type Answer, type Client } from '../../tests/support/client'
import { startMongoProxy } from '../../tests/support/mongo-proxy'
import { ownDatabase, startStack } from '../../tests/support/stack'
import { until } from '../../tests/support/until'

const base = '/api/v1/integrations/hubspot'

/** One of the two processes of the app: what runs now, and how often it was killed. */
export interface Place {
  app: RunningApp
  client: Client
  port: number
  kills: number
  down: boolean
  startedAt: number
}

export interface Memory {
  /** Which process: its place and its life */
  life: string
  /** Seconds since the soak began */
  at: number
  /** Seconds since this process began */
  age: number
  residentMb: number
  /** Of JavaScript's heap, what was in use */
  heapMb: number
}

/**
 * Old space of each process, MB: far more than it needs, and little enough that V8 does not put off
 * collecting for as long as the soak lasts.
 */
const oldSpaceMb = 128

/**
 * An engine, a simulator with its limits on, and two processes of the production build on one
 * database, with one partner who is connected and writes back.
 */
export async function startInstallation({
  contacts,
  deals,
  seed,
  database,
  random,
}: {
  contacts: number
  deals: number
  seed: number
  /** `proxied`: a proxy of ours stands before it and can put faults on its commands */
  database: 'proxied' | 'direct'
  /** Decides which commands a fault hits, 0 to 1 */
  random: () => number
}) {
  const startedAt = Date.now()
  const webhookUrl = (port: number) => `http://localhost:${port}/v1/leads/webhooks/hubspot`
  const own = await ownDatabase('soak')
  const proxy = database === 'proxied' ? await startMongoProxy(own.uri, 0, random) : null
  const stack = await startStack({
    database: { ...own, uri: proxy?.uri ?? own.uri },
    simulator: { contacts, deals, seed, latencyMs: 15 },
    apps: 2,
    env: (_, port) => ({
      NUXT_HUBSPOT_WEBHOOK_URL: webhookUrl(port),
      NUXT_HUBSPOT_SYNC_INTERVAL: '5',
      NUXT_LOG_LEVEL: 'warn',
      NODE_OPTIONS: `--max-old-space-size=${oldSpaceMb}`,
    }),
    portals: [mainPortalId],
  })
  const { control } = stack
  const store = createDatabase(own)
  const [partner] = stack.partners
  if (!partner) throw new Error('No partner')
  const partnerId = partner.id
  const places: Place[] = stack.apps.map((app, place) => ({
    app,
    port: app.port,
    client: partner.clients[place] ?? createClient(app.url),
    kills: 0,
    down: false,
    startedAt: Date.now(),
  }))
  const memory: Memory[] = []
  /** Answers that are neither 2xx, 4xx nor 503 with `Retry-After`, each with what was asked */
  const wrongAnswers: string[] = []
  let outages = 0

  /** @returns the answer of one of the processes that live; `null` when it died in the meantime */
  async function ask(method: string, path: string, json?: unknown): Promise<Answer | null> {
    const alive = places.filter(place => !place.down)
    const place = alive[Math.floor(Math.random() * alive.length)]
    if (!place) return null
    const answer = await place.client
      .request(method, path, json === undefined ? {} : { json })
      .catch(() => null)
    if (answer === null) return null
    const { status, headers } = answer
    if (status === 503 && headers.has('retry-after')) outages += 1
    else if (status < 200 || (status >= 300 && status < 400) || status >= 500)
      wrongAnswers.push(`${method} ${path} ${status} ${answer.text.slice(0, 200)}`)
    return answer
  }
  async function isQuiet(): Promise<boolean> {
    const now = (await ask('GET', base))?.json as
      { lastSyncedAt: string | null; currentRun: unknown } | undefined
    return now?.lastSyncedAt !== undefined && now.lastSyncedAt !== null && now.currentRun === null
  }
  await until(isQuiet, 'the import is over', { timeoutMs: 600_000 })
  await ask('PATCH', `${base}/settings`, { writeBack: true })
  const pipeline = (
    (await ask('GET', `${base}/stage-mapping`))?.json as
      { pipelines: { id: string; stages: { id: string }[] }[] } | undefined
  )?.pipelines[0]
  const mapping = (pipeline?.stages ?? []).slice(0, 4).map(({ id: stageId }, index) => ({
    pipelineId: pipeline?.id ?? '',
    stageId,
    stage: ['new', 'contacted', 'qualified', 'proposal'][index] ?? 'new',
    writeBack: true,
  }))
  await ask('PUT', `${base}/stage-mapping`, { mapping })

  return {
    control,
    proxy,
    uri: own.uri,
    places,
    memory,
    ask,
    wrongAnswers,
    outages: () => outages,
    partnerId,
    collections: store.collections,
    portal: control.portal(),
    portalId: String(mainPortalId),
    stages: mapping,
    isQuiet,
    webhookUrl,
    /** SIGKILL, and a new process in its place */
    async kill(place: Place): Promise<void> {
      place.down = true
      place.kills += 1
      await place.app.kill()
      place.app = await stack.start(stack.ports.indexOf(place.port))
      stack.apps[places.indexOf(place)] = place.app
      place.startedAt = Date.now()
      place.down = false
    },
    async weigh(): Promise<void> {
      for (const [index, place] of places.entries()) {
        const life = `${index}-${place.kills}`
        const metrics = await fetch(`${place.app.url}/metrics`).then(
          answer => answer.text(),
          () => '',
        )
        const heap = /^nodejs_heap_size_used_bytes (\d+)/m.exec(metrics)?.[1]
        if (place.down || heap === undefined || life !== `${index}-${place.kills}`) continue
        const now = Date.now()
        const resident = /VmRSS:\s+(\d+)/.exec(
          readFileSync(`/proc/${place.app.pid}/status`, 'utf8'),
        )?.[1]
        memory.push({
          life,
          at: Math.round((now - startedAt) / 1000),
          age: (now - place.startedAt) / 1000,
          residentMb: Math.round(Number(resident ?? 0) / 1024),
          heapMb: Math.round(Number(heap) / 1024 / 1024),
        })
      }
    },
    async stop(): Promise<void> {
      await store.close()
      await stack.stop()
      await proxy?.stop()
    },
  }
}
export type Installation = Awaited<ReturnType<typeof startInstallation>>
