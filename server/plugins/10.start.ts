import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { keepDemoAccounts, parseDemoAccounts } from '../accounts/demo'
import { ConfigurationError, loadConfiguration, type Configuration } from '../config/configuration'
import { isPlainRemoteMongo } from '../config/url-rules'
import { checkStoredEnvelopes } from '../connection/stored-envelopes'
import { environmentFrom, resolveEnvironment } from '../config/environment'
import { errorFields } from '../observability/log'
import { createServices, type Services } from '../services'
import { provideServices } from '../http/services'

const longestRetryMs = 10_000

/**
 * Reads the configuration, builds the services and prepares the database. A production start with a
 * bad configuration ends here, before listening.
 */
export default defineNitroPlugin(nitro => {
  const runtimeConfig = useRuntimeConfig()
  const resolved = resolveEnvironment(process.env)
  takePublicNames(resolved.values)
  const configuration = configurationOrExit(
    environmentFrom(runtimeConfig, resolved.values),
    resolved.problems,
    runtimeConfig.public.demoAccounts,
  )
  const services = createServices(configuration)
  if (resolved.hints.length > 0)
    services.log.info(
      { event: 'other_names', count: resolved.hints.length },
      `Variables were taken under another name. ${resolved.hints.join(' ')}`,
    )
  if (isPlainRemoteMongo(configuration.mongodb.uri))
    services.log.warn(
      { event: 'mongodb_without_tls' },
      'MongoDB is on another machine and the connection to it is not encrypted: add tls=true',
    )
  provideServices(services)
  void prepare(services, runtimeConfig.public.demoAccounts)

  const drain = () => services.health.beginDrain()
  // Nitro closes the listener and waits for what is in flight; the second signal does not wait.
  const onSignal = (signal: NodeJS.Signals) => {
    if (services.health.draining) process.exit(1)
    services.log.info({ event: 'stopping', signal }, 'Stopping: finishing what is in flight')
    drain()
  }
  if (!import.meta.dev) {
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  }
  nitro.hooks.hookOnce('close', async () => {
    drain()
    await services.stop()
    services.log.info({ event: 'stopped' }, 'Stopped')
  })
})

/**
 * The pages read these two from Nitro's runtime config, which Nitro fills from the environment at
 * each request, by today's names only.
 */
function takePublicNames(values: Record<string, string | undefined>): void {
  for (const name of ['NUXT_PUBLIC_HUBSPOT_CLIENT_ID', 'NUXT_PUBLIC_HUBSPOT_REDIRECT_URI'])
    if (values[name] !== undefined) process.env[name] = values[name]
}

function configurationOrExit(
  environment: Record<string, string | undefined>,
  knownProblems: readonly string[],
  demoAccounts: unknown,
): Configuration {
  try {
    const configuration = loadConfiguration(environment, knownProblems)
    if (
      parseDemoAccounts(demoAccounts).length > 0 &&
      new URL(configuration.origin).hostname !== 'localhost'
    ) {
      throw new ConfigurationError([
        'NUXT_PUBLIC_DEMO_ACCOUNTS shows passwords to everybody: it is for localhost only.',
      ])
    }
    return configuration
  } catch (error) {
    if (!(error instanceof ConfigurationError) || import.meta.dev) throw error
    process.stderr.write(
      `${error.message}\n\nEach variable is explained in .env.example. Nothing was started.\n`,
    )
    process.exit(1)
  }
}

/**
 * Creates the indexes, again and again until the database answers: the process is up in the
 * meantime and says that it is not ready.
 */
async function prepare(services: Services, demoAccounts: unknown): Promise<void> {
  for (let waitMs = 250; !services.health.draining; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
    try {
      await services.database.prepare()
      if (!(await encryptionKeysFit(services))) return
      await keepDemoAccounts(services.accounts, parseDemoAccounts(demoAccounts))
      services.health.markPrepared()
      services.log.info({ event: 'ready' }, 'Ready')
      return
    } catch (error) {
      services.log.warn(
        { event: 'database_unavailable', delayMs: waitMs, ...errorFields(error) },
        'The database cannot be prepared yet',
      )
      await delay(waitMs, undefined, { ref: false })
    }
  }
}

/**
 * Says which encryption keys are missing or wrong. Then the process stays up and is not ready:
 * restarting it over and over would not help.
 */
async function encryptionKeysFit({
  configuration,
  database,
  cipher,
  log,
}: Services): Promise<boolean> {
  const { ok, sealable, problems, damaged } = await checkStoredEnvelopes({
    collections: database.collections,
    keys: configuration.encryptionKeys,
  })
  for (const problem of problems)
    log.error(
      { event: 'encryption_keys', problem },
      'The encryption keys do not fit what is stored',
    )
  if (damaged.length > 0)
    log.error(
      { event: 'stored_tokens_damaged', count: damaged.length, partnerId: damaged[0] },
      'Stored tokens of some partners do not open; the others are not concerned',
    )
  if (!sealable) cipher.refuseToSeal()
  return ok
}
