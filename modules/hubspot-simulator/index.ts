import { defineNuxtModule, useLogger } from 'nuxt/kit'
import { applyDefaults, portAsked } from '../dev-defaults/defaults'
import { startSimulatorProcess, type SimulatorProcess } from './process'

declare global {
  // Nuxt loads its modules again at each restart within one process; the simulator outlives that.
  var hubspotSimulator: { simulator: Promise<SimulatorProcess>; applied: string[] } | undefined
}

/**
 * Dev only: where no HubSpot app is configured, starts the simulator and points the app at it. Its
 * webhooks go to the app. Nothing stops it on Nuxt's `close`, which every restart calls: it ends
 * with the dev process, however that ends.
 */
export default defineNuxtModule({
  meta: { name: 'hubspot-simulator' },
  async setup(_options, nuxt) {
    if (!nuxt.options.dev || nuxt.options._prepare) return
    if (globalThis.hubspotSimulator) {
      await globalThis.hubspotSimulator.simulator
      return
    }
    if (process.env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID?.trim()) return

    const logger = useLogger('hubspot-simulator')
    const redirectUri =
      process.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI?.trim() ||
      `http://localhost:${portAsked() ?? nuxt.options.devServer.port}/v1/integrations/hubspot/callback`
    const webhookUrl = process.env.NUXT_HUBSPOT_WEBHOOK_URL?.trim() || undefined
    const entry = {
      simulator: startSimulatorProcess({ redirectUri, webhookUrl, log: line => logger.warn(line) }),
      applied: [] as string[],
    }
    globalThis.hubspotSimulator = entry
    try {
      const started = await entry.simulator
      entry.applied = applyDefaults(started.env)
      logger.info(
        `HubSpot simulator: ${started.url} (accounts to connect, no real HubSpot; simulator/README.md)`,
      )
      void started.ended.then(() => {
        if (globalThis.hubspotSimulator === entry) globalThis.hubspotSimulator = undefined
        for (const name of entry.applied)
          if (process.env[name] === started.env[name]) delete process.env[name]
      })
    } catch (error) {
      globalThis.hubspotSimulator = undefined
      throw error
    }
  },
})
