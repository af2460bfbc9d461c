import process from 'node:process'
import { parseArgs } from 'node:util'
import { ConfigurationError, loadConfiguration } from '../server/config/configuration'
import { disconnectEverybody } from '../server/connection/panic'
import { systemActor } from '../server/database/audit'
import { createLog } from '../server/observability/log'
import { createServices } from '../server/services'
import { scriptEnvironment } from './environment'

const usage = `npm run panic -- --yes

Disconnects every partner: uninstalls the app in their HubSpot accounts, revokes the grants, forgets the tokens. Leads, deals and mappings stay;
every partner has to connect again. Uses the configuration of this shell (and of .env, where there is one). What HubSpot cannot be told now is
tried again by the running app for a day. Can be run again.
`

const progressEveryMs = 1000

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { yes: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help || !values.yes) {
    process[values.help ? 'stdout' : 'stderr'].write(
      `${values.help ? '' : 'Nothing was done: say --yes.\n\n'}${usage}`,
    )
    return values.help ? 0 : 1
  }
  const { values: environment, problems } = scriptEnvironment()
  const services = createServices(loadConfiguration(environment, problems), {
    log: createLog({ level: 'silent' }),
  })
  try {
    const startedAt = performance.now()
    let saidAt = startedAt
    const report = await disconnectEverybody({
      collections: services.database.collections,
      disconnect: services.connection.disconnect,
      onProgress({ total, disconnected, failed }) {
        if (performance.now() - saidAt < progressEveryMs) return
        saidAt = performance.now()
        process.stdout.write(`… ${disconnected + failed} of ${total}\n`)
      },
    })
    await services.audit.record({
      partnerId: null,
      actor: systemActor,
      action: 'panic',
      outcome: report.failed > 0 ? 'failed' : 'ok',
      details: { command: 'panic', ...report },
    })
    const seconds = (performance.now() - startedAt) / 1000
    process.stdout.write(
      `${report.disconnected} of ${report.total} disconnected in ${seconds.toFixed(1)} s ` +
        `(${(report.disconnected / Math.max(seconds, 0.001)).toFixed(1)} per second); ` +
        `${report.remaining} still to be told to HubSpot, ${report.failed} failed\n`,
    )
    return report.failed > 0 ? 1 : 0
  } finally {
    await services.stop()
  }
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: unknown) => {
    if (error instanceof ConfigurationError)
      process.stderr.write(`${error.message}\n\nEach variable is explained in .env.example.\n`)
    else
      process.stderr.write(
        error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
          ? `${error.message}\n\n${usage}`
          : `Not finished (${error instanceof Error ? error.name : typeof error}): is ` +
              `MongoDB reachable? Run it again.\n`,
      )
    process.exitCode = 1
  },
)
