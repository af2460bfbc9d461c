import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener } from 'h3'
import { ObjectId } from 'mongodb'
import webhookTarget from '../../server/api/v1/leads/webhooks/hubspot.post'
import { loadConfiguration } from '../../server/config/configuration'
import type { SyncRunDocument } from '../../server/database/documents'
import handleError from '../../server/http/error-handler'
import { createCrm } from '../../server/hubspot/crm-client'
import type { Crm } from '../../server/hubspot/crm-types'
import { createPaceStore } from '../../server/database/pace'
import { createPacing } from '../../server/hubspot/pacing'
import { createLog } from '../../server/observability/log'
import { createServices, type ServiceOverrides } from '../../server/services'
import { RunInterrupted, type RunContext } from '../../server/sync/runs/context'
import { provideServices } from '../../server/http/services'
import { mainPortalId } from '../../simulator/control-client'
import type { SimulatorOptions } from '../../simulator/settings'
import type { TestDatabase } from './mongo'
import { startSimulator } from './simulator'

type Kind = 'incremental' | 'webhook' | 'reconcile'

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
}

/**
 * Engine, simulator, services and one partner who is connected; runs are started by hand. Webhooks
 * arrive over HTTP, at the route itself.
 */
export async function startSyncBench({
  simulator: options = {},
  sync,
  env = {},
  writeBack = true,
  portalId: firstPortalId = mainPortalId,
  database: given,
  live = false,
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
    settings: { rateLimits: false, ...options.settings },
  })
  const database = given ?? (await (await import('./mongo')).testDatabase())
  const time = { offsetMs: 0 }
  const logged: string[] = []
  const configuration = loadConfiguration({
    NUXT_MONGODB_URI: database.uri,
    NUXT_MONGODB_DATABASE: database.database,
    NUXT_AUTH_JWT_SECRET: randomBytes(48).toString('base64'),
    NUXT_TOKEN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '10000',
    NUXT_HUBSPOT_SEARCHES_PER_SECOND: '1000',
    ...simulator.env,
    ...env,
  })
  const clock = () => new Date(Date.now() + time.offsetMs)
  const services = createServices(configuration, {
    clock,
    log: createLog({ level: 'info', destination: { write: line => void logged.push(line) } }),
    sync,
    ...(live ? {} : { triggers: false }),
  })
  await services.database.prepare()
  provideServices(services)
  if (live) await services.sync.worker.start()
  const router = createRouter()
  router.post('/v1/leads/webhooks/hubspot', webhookTarget)
  app.use(router)
  const { collections } = services.database
  const pacing = createPacing({
    store: createPaceStore(collections),
    limits: configuration.hubspot,
  })
  const crmClient = createCrm({
    http: services.http,
    tokens: services.connection,
    pacing,
    configuration,
    retryDelaysMs: [20, 60, 180],
  })
  if (!live) services.later.crmFor = partnerId => crmClient.forPartner(partnerId)

  async function connect(partnerName: string, portalId: number = mainPortalId) {
    const email = `${partnerName.replaceAll(/\W/g, '').toLowerCase()}@example.test`
    const { partnerId, userId } = await services.accounts.createUser({
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
    const redirect = await fetch(
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

  function blankRun(): SyncRunDocument {
    const now = clock()
    return {
      _id: new ObjectId(),
      schema_version: 1,
      partner_id: partner.partnerId,
      portal_id: partner.portalId,
      kind: 'webhook',
      status: 'running',
      trigger: 'manual',
      active: true,
      phase: null,
      checkpoint: null,
      watermark: now,
      counts: { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 },
      total: null,
      error: null,
      identical: null,
      lease: null,
      again: null,
      queued_at: now,
      started_at: now,
      finished_at: null,
      version: 0,
      updated_at: now,
    }
  }

  /** A run's context without the scheduler: the same document, the same fence. */
  async function openRun(
    kind: Kind,
    who: Pick<typeof partner, 'partnerId' | 'portalId'> = partner,
    crm: Crm = crmClient.forPartner(who.partnerId),
    before: SyncRunDocument | null = null,
  ) {
    const run = before ?? {
      ...blankRun(),
      kind,
      partner_id: who.partnerId,
      portal_id: who.portalId,
    }
    if (!before) await collections.syncRuns.insertOne(run)
    const abort = new AbortController()
    const results = services.sync.results.keeperOf(run)
    const ctx: RunContext = {
      run,
      partnerId: who.partnerId,
      portalId: who.portalId,
      crm,
      signal: abort.signal,
      log: services.log,
      tell: results.tell,
      checkpoint: <T extends Record<string, unknown>>() => run.checkpoint as T | null,
      async save({ phase, checkpoint, counts = {}, identical }) {
        abort.signal.throwIfAborted()
        await results.flush()
        const { matchedCount } = await collections.syncRuns.updateOne(
          { _id: run._id, active: true },
          {
            $set: {
              updated_at: clock(),
              ...(phase === undefined ? {} : { phase }),
              ...(checkpoint === undefined ? {} : { checkpoint }),
              ...(identical === undefined ? {} : { identical }),
            },
            $inc: {
              version: 1,
              ...Object.fromEntries(
                Object.entries(counts).map(([name, count]) => [`counts.${name}`, count ?? 0]),
              ),
            },
          },
        )
        if (matchedCount === 0) throw new RunInterrupted('lease_lost')
      },
    }
    return {
      ctx,
      abort,
      finish: async () =>
        await collections.syncRuns.findOneAndUpdate(
          { _id: run._id },
          { $set: { active: false, status: 'succeeded', finished_at: clock() } },
          { returnDocument: 'after' },
        ),
    }
  }

  /** Work beside a run, as the worker does it: no document, no fence. */
  async function besideContext() {
    const { ctx, abort } = await openRun(
      'webhook',
      partner,
      crmClient.forPartner(partner.partnerId),
      { ...blankRun(), active: false },
    )
    return { ctx: { ...ctx, save: async () => {}, tell: () => {} } satisfies RunContext, abort }
  }

  /** One whole run. @returns its document */
  async function run(
    kind: Kind = 'incremental',
    who: Pick<typeof partner, 'partnerId' | 'portalId'> = partner,
  ): Promise<SyncRunDocument> {
    const { ctx, finish } = await openRun(kind, who)
    try {
      await services.runners[kind](ctx)
    } finally {
      await collections.syncRuns.updateOne({ _id: ctx.run._id }, { $set: { active: false } })
    }
    const done = await finish()
    if (!done) throw new Error('The run is gone')
    return done
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
    openRun,
    besideContext,
    run,
    until,
    webhookUrl,
    crmClient,
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
