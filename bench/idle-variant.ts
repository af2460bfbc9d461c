import { moduleOf } from './checkout'

/**
 * One connected partner, and the worker. Prints a line when it is connected, and at each SIGUSR2
 * how many processor seconds it has used. Started by `bench/idle.ts`.
 */
const { aConnectedPartner, startServices } = await moduleOf<
  typeof import('../tests/support/connected')
>('tests/support/connected.ts')
const { createLog } = await moduleOf<typeof import('../server/observability/log')>(
  'server/observability/log.ts',
)
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const { services } = await startServices(environment, { log: createLog({ level: 'silent' }) })
await services.sync.worker.start()
process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage()
  process.stdout.write(`${(user + system) / 1e6}\n`)
})
await aConnectedPartner(services)
process.stdout.write('connected\n')
