import { setTimeout as delay } from 'node:timers/promises'
import { defineNitroPlugin, useRuntimeConfig } from 'nitropack/runtime'
import { errorFields } from '../observability/log'
import { providedServices } from '../http/services'

/**
 * Starts the worker once the database is prepared, in each process unless `NUXT_WORKER=false`.
 * `services.stop()` ends it, which the start plugin calls.
 */
export default defineNitroPlugin(() => {
  const services = providedServices()
  if (!services) return
  const { log, health, sync } = services
  if (String(useRuntimeConfig().worker) === 'false') {
    log.info({ event: 'worker_off' }, 'This process stores jobs and leaves the work to others')
    return
  }
  void (async () => {
    while (!health.draining) {
      try {
        if ((await health.readiness()).checks.indexes === 'ok') {
          await sync.worker.start()
          log.info({ event: 'worker_started' }, 'The worker takes jobs')
          return
        }
      } catch (error) {
        log.warn(
          { event: 'worker_not_started', ...errorFields(error) },
          'The worker cannot start yet',
        )
      }
      await delay(250, undefined, { ref: false })
    }
  })()
})
