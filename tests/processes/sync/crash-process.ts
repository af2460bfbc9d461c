import { startServices } from '../../support/connected'

/**
 * A server process that dies at a named point (docs/architecture.md#crash-points), by SIGKILL: no
 * handler, no clean-up. The points are laid from outside, around what the server is given to work
 * with: its fetch and its collections.
 */
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const point = environment.CRASH_AT ?? ''
let skip = Number(environment.CRASH_SKIP ?? 0)

function reach(name: string): void {
  if (name === point && skip-- <= 0) process.kill(process.pid, 'SIGKILL')
}

const isRead = (url: string) => /\/crm\/objects\/[^/]+\/(contacts|deals)(\/search|\?|$)/.test(url)
const isWrite = (url: string) => /\/batch\/(create|update)$/.test(url)

const fetchWithPoints: typeof fetch = async (input, init) => {
  const url = String(input)
  if (url.includes('/crm/')) reach('J1')
  if (isWrite(url)) reach('J6')
  const answer = await fetch(input, init)
  if (isWrite(url) && answer.ok) {
    const text = await answer.text()
    reach('J7')
    return new Response(text, answer)
  }
  if (isRead(url) && answer.ok) {
    const text = await answer.text()
    reach('J2')
    return new Response(text, answer)
  }
  return answer
}

const { services } = await startServices(environment, {
  fetch: fetchWithPoints,
  runs: { leaseMs: 1500, scheduleEveryMs: 100 },
  sync: { indexLagMs: 0, writeLeaseMs: 1500 },
})
const { leads, deals, syncRuns } = services.database.collections
for (const records of [leads, deals]) {
  const target = records as unknown as {
    find: (...input: unknown[]) => unknown
    bulkWrite: (...input: unknown[]) => Promise<unknown>
    replaceOne: (...input: unknown[]) => Promise<unknown>
  }
  const { find, bulkWrite, replaceOne } = target
  target.find = (...input) => {
    reach('J3')
    return find.apply(target, input)
  }
  target.bulkWrite = async (...input) => {
    reach('J4')
    const result = await bulkWrite.apply(target, input)
    reach('J5')
    return result
  }
  target.replaceOne = async (...input) => {
    reach('J4')
    const result = await replaceOne.apply(target, input)
    reach('J5')
    return result
  }
}
const runs = syncRuns as unknown as Record<
  'updateOne' | 'findOneAndUpdate',
  (...input: unknown[]) => Promise<unknown>
>
for (const method of ['updateOne', 'findOneAndUpdate'] as const) {
  const original = runs[method]
  runs[method] = async (...input) => {
    const text = JSON.stringify(input[1] ?? {})
    if (text.includes('checkpoint') || text.includes('counts')) reach('J8')
    if (text.includes('succeeded')) reach('J9')
    return await original.apply(runs, input)
  }
}
await services.sync.worker.start()
process.stdout.write('READY\n')
