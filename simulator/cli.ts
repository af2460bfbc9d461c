import { parseArgs } from 'node:util'
import { toldToStop } from '../modules/child-process/stop-with-parent'
import { readConfig, type SimulatorConfig } from './config'
import { createSimulator } from './index'

/**
 * `npm run simulator -- [--config FILE] [--state FILE] [--port P] [--contacts N] [--deals N] [--latency MS] [--seed N]
 * [--redirect-uri U] [--webhook-url U] [--subscriptions FILE]
 * [--strict-bodies]`: the simulator on its own. Prints the environment an app
 * needs, one NAME=value a line, then READY, and runs until SIGINT or SIGTERM. The redirect URI is
 * the app's own where NUXT_PUBLIC_HUBSPOT_REDIRECT_URI is set already. For `startSimulatorProcess`:
 * `--die-with-parent` also ends it when its standard input closes; `--any-port-if-taken` falls
 * back.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    contacts: { type: 'string' },
    deals: { type: 'string' },
    latency: { type: 'string' },
    seed: { type: 'string' },
    'redirect-uri': { type: 'string' },
    'webhook-url': { type: 'string' },
    'any-port-if-taken': { type: 'boolean', default: false },
    config: { type: 'string' },
    state: { type: 'string' },
    subscriptions: { type: 'string' },
    'die-with-parent': { type: 'boolean', default: false },
    'strict-bodies': { type: 'boolean', default: false },
  },
})

function wholeNumber(name: 'port' | 'contacts' | 'deals' | 'latency' | 'seed'): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) fail(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function fromFile(): SimulatorConfig {
  if (values.config === undefined) return {}
  try {
    return readConfig(values.config)
  } catch (error) {
    return fail(`${values.config}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const configured = fromFile()
const stop = toldToStop({ dieWithParent: values['die-with-parent'] })

const options = {
  ...configured,
  contacts: wholeNumber('contacts'),
  deals: wholeNumber('deals'),
  latencyMs: wholeNumber('latency'),
  seed: wholeNumber('seed') ?? configured.seed,
  redirectUri:
    values['redirect-uri'] ??
    configured.app?.redirectUrls?.[0] ??
    (process.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI || undefined),
  webhookUrl: values['webhook-url'] ?? configured.webhookUrl,
  subscriptionsFile: values.subscriptions ?? configured.subscriptionsFile,
  state: values.state,
  settings: {
    ...configured.settings,
    ...(values['strict-bodies'] ? { strictBodies: true } : {}),
  },
}
const port = wholeNumber('port') ?? configured.port ?? 3_999

try {
  const simulator = await createSimulator({ ...options, port }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      if (!values['any-port-if-taken'])
        fail(`Port ${port} is taken: name another one with --port, or 0 for any free one.`)
      return createSimulator({ ...options, port: 0 })
    },
  )
  for (const [name, value] of Object.entries(simulator.env))
    process.stdout.write(`${name}=${value}\n`)
  process.stdout.write('READY\n')
  await stop
  await simulator.stop()
  process.exit(0)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
