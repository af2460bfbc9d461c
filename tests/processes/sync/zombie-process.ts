import { createLog } from '../../../server/observability/log'
import { startServices } from '../../support/connected'

/**
 * A server process that stops itself (SIGSTOP) at a named point, as a machine that is frozen or
 * swaps does: `page` before the third page of records is written, `write` after the budget has let
 * a write to HubSpot go. Prints READY, then its log: it shows what it makes of its lost leases once
 * it wakes up.
 */
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const log = createLog({ level: 'info' })
const { services } = await startServices(environment, {
  log,
  runs: { leaseMs: 1500, scheduleEveryMs: 100 },
  sync: { writeLeaseMs: 1500 },
})
const { leads, pace, syncRuns } = services.database.collections
let isArmed = true

function freeze(): void {
  if (!isArmed) return
  isArmed = false
  process.kill(process.pid, 'SIGSTOP')
}

type Method = (...input: unknown[]) => Promise<unknown>
/** Calls `before` before each call of a collection's method and `after` once it is answered. */
function around(
  target: object,
  name: string,
  { before, after }: { before?(input: unknown[]): void; after?(): void },
): void {
  const methods = target as Record<string, Method>
  const original = methods[name]
  if (!original) throw new Error(`No method ${name}`)
  methods[name] = async (...input) => {
    before?.(input)
    const answer = await original.apply(target, input)
    after?.()
    return answer
  }
}

if (environment.FREEZE_AT === 'page') {
  let pages = 0
  around(leads, 'bulkWrite', {
    before() {
      if (++pages === 3) freeze()
    },
  })
} else {
  // The run notes that it writes before a batch goes out: the next grant of the budget is that
  // batch's.
  let isWriting = false
  around(syncRuns, 'updateOne', {
    before(input) {
      isWriting ||= JSON.stringify(input[1]).includes('"phase":{"$literal":"write_back"}')
    },
  })
  around(pace, 'findOneAndUpdate', {
    after() {
      if (isWriting) freeze()
    },
  })
}

await services.sync.worker.start()
process.stdout.write('READY\n')
process.on('SIGTERM', () => {
  void services.stop().then(() => process.exit(0))
})
