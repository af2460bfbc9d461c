import { fileURLToPath } from 'node:url'
import { startAttachedProcess, type AttachedProcess } from '../child-process/attached'

export interface SimulatorProcess extends AttachedProcess {
  /** `http://127.0.0.1:port` */
  url: string
  /** What an app needs to use it: `NUXT_…` names and values */
  env: Record<string, string>
}

export interface SimulatorProcessOptions {
  /** Default 3999; any free one where that is taken */
  port?: number
  contacts?: number
  deals?: number
  latencyMs?: number
  seed?: number
  /** Refuses what HubSpot takes in silence: unknown fields, other types. For tests of an app */
  strictBodies?: boolean
  /**
   * Where the app's callback is, byte for byte; default
   * http://localhost:3000/v1/integrations/hubspot/callback
   */
  redirectUri?: string
  /**
   * Where the app takes webhooks; default: the redirect URI's origin + /v1/leads/webhooks/hubspot
   */
  webhookUrl?: string
  /** Receives every line the process writes, the environment excepted. */
  log?: (line: string) => void
}

/**
 * Starts the HubSpot simulator in a process of its own that dies with this one, however this one
 * ends. (nuxi reloads its workers; what was connected and edited in the simulator must outlive
 * that.)
 * @throws {Error} with the process's own message
 */
export async function startSimulatorProcess(
  options: SimulatorProcessOptions = {},
): Promise<SimulatorProcess> {
  const args = ['--die-with-parent', '--any-port-if-taken']
  if (options.strictBodies) args.push('--strict-bodies')
  const values = {
    port: options.port,
    contacts: options.contacts,
    deals: options.deals,
    latency: options.latencyMs,
    seed: options.seed,
    'redirect-uri': options.redirectUri,
    'webhook-url': options.webhookUrl,
  }
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) args.push(`--${name}`, String(value))

  const env: Record<string, string> = {}
  const { ready, ...child } = await startAttachedProcess({
    script: fileURLToPath(new URL('../../simulator/cli.ts', import.meta.url)),
    args,
    readLine(line) {
      const [, name, value] = /^(NUXT_\w+)=(.*)$/.exec(line) ?? []
      if (name !== undefined && value !== undefined) env[name] = value
      return line === 'READY' ? env : undefined
    },
    log: line => (/^NUXT_\w+=/.test(line) ? undefined : options.log?.(line)),
    failure: (complaint, cause) =>
      new Error(`The HubSpot simulator did not start: ${complaint}`, { cause }),
  })
  return { url: ready.NUXT_HUBSPOT_API_BASE_URL ?? '', env: ready, ...child }
}
