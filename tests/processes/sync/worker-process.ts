import { startServices } from '../../support/connected'

/**
 * A server process without its HTTP part: its configuration is the environment. TEST_LEASE_MS: its
 * runs' lease. Works until it is told to stop, or killed.
 */
const { services } = await startServices(
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  ),
  { runs: { leaseMs: Number(process.env.TEST_LEASE_MS ?? 1500), scheduleEveryMs: 100 } },
)
await services.sync.worker.start()
process.on('SIGTERM', () => {
  void services.stop().then(() => process.exit(0))
})
process.stdout.write('READY\n')
