import { parseArgs } from 'node:util'
import { toldToStop } from '../modules/child-process/stop-with-parent'
import type { SimulatorConfig } from './config'
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
const read = () =>
  parseArgs({
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

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

function options(): ReturnType<typeof read>['values'] {
  try {
    return read().values
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return fail(`${reason}\nThe options stand in simulator/README.md.`)
  }
}
const values = options()

function wholeNumber(name: 'port' | 'contacts' | 'deals' | 'latency' | 'seed'): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) fail(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}

async function fromFile(): Promise<SimulatorConfig> {
  if (values.config === undefined) return {}
  try {
    // Reading YAML costs a fifth of the start: only who asks for it pays.
    const { readConfig } = await import('./config')
    return readConfig(values.config)
  } catch (error) {
    return fail(`${values.config}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const configured = await fromFile()
const stop = toldToStop({ dieWithParent: values['die-with-parent'] })

const wanted = {
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
  const simulator = await createSimulator({ ...wanted, port }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      if (!values['any-port-if-taken'])
        fail(`Port ${port} is taken: name another one with --port, or 0 for any free one.`)
      return createSimulator({ ...wanted, port: 0 })
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
