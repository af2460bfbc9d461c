import type { Run } from '#shared/contracts/runs'
import type { ObjectId } from 'mongodb'
import { vi } from 'vitest'
import type { Services } from '../../../server/services'
import type { SimulatorOptions } from '../../../simulator/settings'
import { startServices, testEnvironment } from '../../support/connected'
import { testDatabase } from '../../support/mongo'
import { startSimulator } from '../../support/simulator'
import { isStrange } from '../../support/strange'

/**
 * The lease is the product's own: no test here waits for one to end, and a process that stands
 * still for two seconds must not lose its run.
 */
const runs = { retryDelaysMs: [20, 40], scheduleEveryMs: 50 }

const aborted = (signal?: AbortSignal | null) =>
  new Promise<void>(resolve => signal?.addEventListener('abort', () => resolve(), { once: true }))

/** A simulator without limits, a database and the services with their worker. */
export async function startWorld(options: SimulatorOptions) {
  const test = await testDatabase()
  const simulator = await startSimulator({
    webhookUrl: null,
    ...options,
    settings: { rateLimits: false, ...options.settings },
  })
  const environment = testEnvironment(test, simulator.env, {
    NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '1000',
    NUXT_HUBSPOT_SEARCHES_PER_SECOND: '100',
  })
  let held: Promise<void> = Promise.resolve()
  let isLetThrough: (url: URL) => boolean = () => false
  const calls: typeof fetch = async (input, init) => {
    if (!isLetThrough(new URL(input instanceof Request ? input.url : input)))
      await Promise.race([held, aborted(init?.signal)])
    return await fetch(input, init)
  }
  const { services, logged } = await startServices(environment, { runs, fetch: calls })
  await services.sync.worker.start()
  const others: Services[] = []
  return {
    simulator,
    control: simulator.control,
    services,
    /** The lines of the log so far */
    logged,
    collections: services.database.collections,
    /**
     * Keeps the calls to HubSpot here, so that no run comes to its end, but for those that are let
     * through. @returns lets them go
     */
    hold(letThrough: (url: URL) => boolean = () => false): () => void {
      let go = () => {}
      isLetThrough = letThrough
      held = new Promise(resolve => {
        go = resolve
      })
      return () => go()
    },
    /** Another process's services: the same configuration, no worker yet */
    async another(): Promise<Services> {
      const other = (await startServices(environment, { runs })).services
      others.push(other)
      return other
    },
    async stop() {
      await Promise.all([services, ...others].map(each => each.stop()))
      await simulator.stop()
      await test.drop()
    },
  }
}
export type SyncWorld = Awaited<ReturnType<typeof startWorld>>

/** Longer where each answer takes as long as HubSpot's */
export const patience = { timeout: isStrange('real') ? 240_000 : 30_000, interval: 25 }

export function runsOf(services: Services, partnerId: ObjectId) {
  const latest = async (): Promise<Run | undefined> =>
    (await services.sync.list(partnerId, { limit: 1 })).items[0]
  return {
    latest,
    /** Waits until the newest run ended like this. */
    ended: (status: Run['status']) =>
      vi.waitFor(async () => {
        const run = await latest()
        if (run?.status !== status)
          throw new Error(`The newest run is ${run?.status}: ${JSON.stringify(run)}`)
        return run
      }, patience),
    seen: (atLeast: number) =>
      vi.waitFor(async () => {
        if (((await latest())?.counts.seen ?? 0) < atLeast)
          throw new Error(`Fewer than ${atLeast} seen`)
      }, patience),
  }
}
