import { moduleOf } from './checkout'

/**
 * The worker of one process. `connects` connects a partner first; `continues` goes on with what
 * another process left. Started by `bench/scale.ts`.
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
if (process.argv[2] === 'connects') await aConnectedPartner(services)
process.stdout.write('works\n')
