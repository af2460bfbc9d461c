import process from 'node:process'
import { parseArgs } from 'node:util'
import { ConfigurationError, loadConfiguration } from '../server/config/configuration'
import { createServices } from '../server/services'
import { createLog } from '../server/observability/log'
import { scriptEnvironment } from './environment'

const usage = `npm run doctor [-- --partner NAME]

Checks the configuration of this shell (and of .env, where there is one), the database, HubSpot's view of the client id and secret,
and, with --partner, that partner's connection. Ends with code 1 when a check fails. Changes nothing, prints no secret.
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { partner: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const { values: environment, problems } = scriptEnvironment()
  const configuration = loadConfiguration(environment, problems)
  const services = createServices(configuration, { log: createLog({ level: 'silent' }) })
  try {
    let partnerId = null
    if (values.partner !== undefined) {
      const partner = await services.database.collections.partners.findOne(
        { name: values.partner },
        { projection: { _id: 1 } },
      )
      if (!partner) {
        process.stderr.write('There is no partner of that name.\n')
        return 1
      }
      partnerId = partner._id
    }
    const { checks, report } = await services.doctor.examine(partnerId)
    process.stdout.write(`${report}\n`)
    return checks.some(({ status }) => status === 'fail') ? 1 : 0
  } finally {
    await services.stop()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (error instanceof ConfigurationError)
    process.stderr.write(`${error.message}\n\nEach variable is explained in .env.example.\n`)
  else if (
    error instanceof Error &&
    'code' in error &&
    String(error.code).startsWith('ERR_PARSE_ARGS')
  )
    process.stderr.write(`${error.message}\n\n${usage}`)
  // A driver's message may name hosts and users: its class says enough.
  else
    process.stderr.write(
      `The doctor could not finish (${error instanceof Error ? error.name : typeof error}). Is MongoDB reachable?\n`,
    )
  process.exitCode = 1
}
