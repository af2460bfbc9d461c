import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener } from 'h3'
import { ObjectId } from 'mongodb'
import type { RunKind } from '#shared/contracts/runs'
import webhookTarget from '../../server/api/v1/leads/webhooks/hubspot.post'
import { loadConfiguration } from '../../server/config/configuration'
import type { SyncRunDocument } from '../../server/database/documents'
import handleError from '../../server/http/error-handler'
import { createLog } from '../../server/observability/log'
import { createServices, type ServiceOverrides } from '../../server/services'
import type { SyncTriggers } from '../../server/sync/triggers'
import { provideServices } from '../../server/http/services'
import { mainPortalId } from '../../simulator/control-client'
import type { SimulatorOptions } from '../../simulator/settings'
import { withoutPace } from './connected'
import type { TestDatabase } from './mongo'
import { startSimulator } from './simulator'
import { aUser } from './users'

export interface SyncBenchOptions {
  simulator?: SimulatorOptions
  sync?: ServiceOverrides['sync']
  env?: Record<string, string>
  writeBack?: boolean
  /** The portal of the first partner */
  portalId?: number
  /** A database outside of vitest */
  database?: TestDatabase
  /**
   * Whether the worker runs as it does in the app: connecting, webhooks and edits start runs by
   * themselves
   */
  live?: boolean
  /** What is called in place of starting runs, unless the worker runs */
  triggers?: Partial<SyncTriggers>
  /** How HubSpot is called, for a look at the requests */
  fetch?: typeof globalThis.fetch
}

/** Neither connecting nor an edit, a webhook or a new mapping starts a run. */
export const noTriggers: SyncTriggers = {
  connected: async () => {},
  localChange: async () => {},
  webhookArrived: async () => {},
  mappingChanged: async () => {},
}

/**
 * Engine, simulator, services and one partner who is connected; tests start runs by hand, and the
 * executor carries them out. Webhooks arrive over HTTP, at the route itself.
 */
export async function startSyncBench({
  simulator: options = {},
  sync,
  env = {},
  writeBack = true,
  portalId: firstPortalId = mainPortalId,
  database: given,
  live = false,
  triggers = {},
  fetch,
}: SyncBenchOptions = {}) {
  const app = createApp({ onError: handleError })
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/leads/webhooks/hubspot`
  const simulator = await startSimulator({
    contacts: 0,
    deals: 0,
    webhookUrl,
    ...options,
    settings: {
      rateLimits: false,
      // A product that is told of an index without lag meets one, whatever HubSpot is strange in.
      ...(sync?.indexLagMs === 0 ? { searchLagMs: 0 } : {}),
      ...options.settings,
    },
  })
  const database = given ?? (await (await import('./mongo')).testDatabase())
  const time = { offsetMs: 0 }
  const logged: string[] = []
  const configuration = loadConfiguration({
    NUXT_MONGODB_URI: database.uri,
    NUXT_MONGODB_DATABASE: database.database,
    NUXT_AUTH_JWT_SECRET: randomBytes(48).toString('base64'),
    NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...withoutPace,
    ...simulator.env,
    ...env,
  })
  const clock = () => new Date(Date.now() + time.offsetMs)
  const services = createServices(configuration, {
    clock,
    log: createLog({ level: 'info', destination: { write: line => void logged.push(line) } }),
    sync,
    crm: { retryDelaysMs: [20, 60, 180] },
    ...(fetch ? { fetch } : {}),
    ...(live ? {} : { runs: { retryDelaysMs: [] }, triggers: { ...noTriggers, ...triggers } }),
  })
  await services.database.prepare()
  provideServices(services)
  if (live) await services.sync.worker.start()
  const router = createRouter()
  router.post('/v1/leads/webhooks/hubspot', webhookTarget)
  app.use(router)
  const { collections } = services.database

  async function connect(partnerName: string, portalId: number = mainPortalId) {
    const email = `${partnerName.replaceAll(/\W/g, '').toLowerCase()}@example.test`
    const { partnerId, userId } = await aUser(services.database.collections, {
      partnerName,
      email,
      password: 'a long enough password',
      role: 'admin',
    })
    const signedIn = {
      user: { id: new ObjectId(userId), email, role: 'admin' as const },
      partner: { id: new ObjectId(partnerId), name: partnerName },
      sessionId: new ObjectId(),
    }
    const started = await services.connection.connect(signedIn, {})
    await simulator.control.set({ autoGrantPortalId: portalId })
    const query = new URLSearchParams({
      client_id: configuration.hubspot.clientId,
      redirect_uri: configuration.hubspot.redirectUri,
      state: started.state,
    })
    const scopes = [
      'oauth',
      'crm.objects.contacts.read',
      'crm.objects.contacts.write',
      'crm.objects.deals.read',
      'crm.objects.deals.write',
      'crm.schemas.contacts.read',
      'crm.schemas.deals.read',
    ]
    const redirect = await globalThis.fetch(
      `${simulator.url}/oauth/authorize?${query.toString()}&scope=${scopes.join('%20')}`,
      { redirect: 'manual' },
    )
    const back = new URL(redirect.headers.get('location') ?? 'http://nowhere.invalid')
    const answer = await services.connection.callback({
      query: Object.fromEntries(back.searchParams),
      signedIn,
      takeBrowserSecret: () => started.browser.secret,
    })
    if (!answer.location?.includes('success=true'))
      throw new Error(`Connect ended at ${answer.location}`)
    await collections.partners.updateOne(
      { _id: signedIn.partner.id },
      { $set: { 'hubspot_integration.write_back': writeBack } },
    )
    return {
      partnerId: signedIn.partner.id,
      portalId: String(portalId),
      signedIn,
      portal: simulator.control.portal(portalId),
    }
  }
  const partner = await connect('Northwind', firstPortalId)

  /** One whole run, through the executor. @returns its document @throws when it failed */
  async function run(
    kind: RunKind = 'incremental',
    { partnerId, portalId }: Pick<typeof partner, 'partnerId' | 'portalId'> = partner,
  ): Promise<SyncRunDocument> {
    const { run, created } = await services.sync.runs.create({
      partnerId,
      portalId,
      kind,
      trigger: 'manual',
    })
    if (!created) throw new Error(`A run is under way already: ${run.kind}, ${run.trigger}`)
    return await execute(run._id, partnerId)
  }

  /** Carries out a run that was queued. @returns its document @throws when it failed */
  async function execute(
    runId: ObjectId,
    partnerId: ObjectId = partner.partnerId,
  ): Promise<SyncRunDocument> {
    await services.sync.executor.execute(partnerId, runId)
    const ended = await collections.syncRuns.findOne({ _id: runId })
    if (ended?.status !== 'succeeded')
      throw new Error(`The run ended as ${ended?.status}: ${JSON.stringify(ended?.error)}`)
    return ended
  }

  async function until(
    condition: () => Promise<boolean> | boolean,
    timeoutMs = 20_000,
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error('The condition did not come true in time')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  return {
    simulator,
    control: simulator.control,
    services,
    collections,
    configuration,
    time,
    logged,
    partner,
    portal: partner.portal,
    connect,
    run,
    execute,
    until,
    webhookUrl,
    leadOf: (hubspotId: string) =>
      collections.leads.findOne({
        partner_id: partner.partnerId,
        portal_id: partner.portalId,
        hubspot_id: hubspotId,
      }),
    dealOf: (hubspotId: string) =>
      collections.deals.findOne({
        partner_id: partner.partnerId,
        portal_id: partner.portalId,
        hubspot_id: hubspotId,
      }),
    /** All webhooks that HubSpot has raised so far have been answered */
    webhooksSettled: () =>
      until(async () => (await simulator.control.webhooks()).counts.pending === 0),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await services.stop()
      await simulator.stop()
      await database.drop()
    },
  }
}
export type SyncBench = Awaited<ReturnType<typeof startSyncBench>>
