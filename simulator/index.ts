import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeListener } from 'h3'
import { createSimulatorApp } from './app'
import { createCallLog } from './calls'
import { createClock } from './clock'
import { loadWorld, saveWorld, type Snapshot } from './control/snapshot'
import { createControlClient, type ControlClient } from './control-client'
import { defaultPortals } from './data/portals'
import { createFaults } from './faults'
import { createLimits } from './limits'
import { createGrants } from './oauth/grants'
import { createRandom, hash32 } from './random'
import { defaultApp, defaultRedirectUri, defaultSettings, type SimulatorOptions } from './settings'
import { strangenessOf } from './strangeness'
import { createPortal } from './store/portal'
import { createJournal } from './webhooks/journal'
import { createWebhookSender } from './webhooks/sender'
import { ownProject, projectSubscriptions } from './webhooks/subscriptions'
import type { World } from './world'

/** `NUXT_HUBSPOT_WEBHOOK_URL` is among the others, where webhooks are sent. */
export type SimulatorEnvironment = Record<string, string> &
  Record<
    | 'NUXT_PUBLIC_HUBSPOT_CLIENT_ID'
    | 'NUXT_HUBSPOT_CLIENT_SECRET'
    | 'NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL'
    | 'NUXT_HUBSPOT_API_BASE_URL'
    | 'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI',
    string
  >

export interface Simulator {
  /** `http://127.0.0.1:port` */
  url: string
  /**
   * Everything that can be done to it, over HTTP: other processes use the same calls with the same
   * URL.
   */
  control: ControlClient
  /** What an app needs to use it: `NUXT_…` names and values */
  env: SimulatorEnvironment
  stop(): Promise<void>
}

/**
 * Starts a HubSpot of its own on the loopback interface: test accounts, OAuth, CRM API, webhooks.
 * @throws when the port is taken
 */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const redirectUri = options.redirectUri ?? defaultRedirectUri
  const webhookUrl =
    options.webhookUrl === undefined
      ? `${new URL(redirectUri).origin}/v1/leads/webhooks/hubspot`
      : options.webhookUrl
  /** What this start says; a loaded state does not change it */
  const told = {
    ...strangenessOf(process.env.SIMULATOR_STRANGE),
    ...options.settings,
    ...(options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }),
  }
  const settings = { ...defaultSettings, ...told }
  const app = { ...defaultApp(redirectUri), ...options.app }
  const seed = options.seed ?? 20_261_123
  const clock = createClock()
  const random = createRandom(seed)
  const grants = createGrants(app, settings, clock)
  const webhooks = createWebhookSender({
    app,
    random,
    targetUrl: webhookUrl,
    subscriptions: projectSubscriptions(options.subscriptionsFile ?? ownProject),
    isInstalled: portalId => grants.installation(portalId) !== undefined,
  })
  const descriptions =
    options.portals ?? defaultPortals(options.contacts ?? 250, options.deals ?? 80)

  let url = ''
  const world: World = {
    app,
    settings,
    clock,
    random,
    grants,
    webhooks,
    portals: new Map(
      descriptions.map(description => [
        description.id,
        createPortal({
          description,
          seed,
          clock,
          searchLagMs: index =>
            settings.searchLagMs *
            (settings.searchLagUneven ? (hash32(seed, 61, index) % 2_000) / 1_000 : 1),
          onChange(event) {
            webhooks.changed(event)
            world.journal.changed(event)
          },
        }),
      ]),
    ),
    limits: createLimits(settings, app.appId, id => world.portals.get(id)?.description.limits),
    journal: createJournal({
      clock,
      isInstalled: portalId => grants.installation(portalId) !== undefined,
      record(portalId, type, id) {
        const store = world.portals.get(portalId)?.store(type)
        return store?.view(store.indexOf(id)) ?? null
      },
      url: () => url,
    }),
    faults: createFaults(random),
    calls: createCallLog(),
    url: () => url,
  }

  const server = createServer(toNodeListener(createSimulatorApp(world)))
  // An idle connection must not be closed in the moment a client uses it again.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  if (options.state !== undefined && existsSync(options.state)) {
    loadWorld(world, JSON.parse(readFileSync(options.state, 'utf8')) as Snapshot)
    Object.assign(settings, told)
    if (options.webhookUrl !== undefined)
      Object.assign(webhooks.settings, { targetUrl: webhookUrl, enabled: webhookUrl !== null })
  }
  if (options.redirectUri !== undefined && !app.redirectUrls.includes(options.redirectUri))
    app.redirectUrls = [options.redirectUri, ...app.redirectUrls]
  const { targetUrl } = webhooks.settings

  return {
    url,
    control: createControlClient(url),
    env: {
      NUXT_PUBLIC_HUBSPOT_CLIENT_ID: app.clientId,
      NUXT_HUBSPOT_CLIENT_SECRET: app.clientSecret,
      NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL: `${url}/oauth/authorize`,
      NUXT_HUBSPOT_API_BASE_URL: url,
      NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: redirectUri,
      ...(targetUrl === null ? {} : { NUXT_HUBSPOT_WEBHOOK_URL: targetUrl }),
    },
    async stop() {
      if (options.state !== undefined)
        writeFileSync(options.state, JSON.stringify(saveWorld(world)))
      webhooks.stop()
      server.close()
      server.closeAllConnections()
      await new Promise<void>(resolve =>
        server.listening ? server.once('close', resolve) : resolve(),
      )
    },
  }
}
