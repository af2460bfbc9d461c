import { createAccounts } from './accounts/index'
import { systemClock, type Clock } from './clock'
import type { Configuration } from './configuration'
import { createAuditLog } from './database/audit'
import { createDatabase } from './database/client'
import { createHealth } from './observability/health'
import { createMapping } from './mapping/index'
import { createLog } from './observability/log'
import { createMetrics } from './observability/metrics'
import { createInbound } from './sync/inbound'

export interface ServiceOverrides {
  clock?: Clock
  fetch?: typeof globalThis.fetch
  log?: ReturnType<typeof createLog>
}

/** Composition root: builds every part once, from configuration. Handlers reach them by `useServices(event)`, commands and tests by this function. */
export function createServices(configuration: Configuration, overrides: ServiceOverrides = {}) {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? createLog({ level: configuration.logLevel })
  const metrics = createMetrics()
  for (const secret of [configuration.hubspot.clientSecret, new TextDecoder().decode(configuration.jwtSecret), ...configuration.encryptionKeys.map(key => key.secret.toString('base64'))]) log.redactor.register(secret)
  const database = createDatabase(configuration.mongodb)
  const { collections } = database
  const health = createHealth({ database, metrics })
  const audit = createAuditLog({ collections, clock })
  const accounts = createAccounts({ collections, clock, jwtSecret: configuration.jwtSecret, secureCookies: configuration.origin.startsWith('https:'), metrics })

  const mapping = createMapping({ collections })
  const inbound = createInbound({ collections, clock, audit, mapping })

  return {
    configuration, clock, log, metrics, database, health, audit, accounts, mapping, inbound,
    /** Stops what runs in the background, then closes the connections. */
    async stop() {
      await database.close()
    },
  }
}
export type Services = ReturnType<typeof createServices>
