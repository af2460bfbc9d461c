import type { ObjectId } from 'mongodb'
import type { Storage } from 'unstorage'
import { texts } from '#shared/texts/en'
import { createAccounts } from './accounts/index'
import { createAlerts } from './alerts/index'
import { createMailer } from './alerts/mail'
import { systemClock, type Clock } from './config/clock'
import type { Configuration } from './config/configuration'
import { createConnection } from './connection/index'
import { createAuditLog } from './database/audit'
import { createDatabase } from './database/client'
import { createCursors } from './database/cursor'
import { createCipher } from './database/envelope'
import { createPaceStore } from './database/pace'
import { DomainError } from './errors'
import type { Crm } from './hubspot/crm-types'
import { createDoctor } from './doctor/index'
import { createHubspotHttp } from './hubspot/http'
import { createQueue } from './jobs/queue'
import { createPacing } from './hubspot/pacing'
import { createQuota } from './hubspot/quota'
import { createCrm } from './hubspot/crm-client'
import { createExports } from './leads/export'
import { createHistoryList } from './leads/history-list'
import { createRecords } from './leads/index'
import { createSchemaStorage } from './mapping/schema-storage'
import { createHealth } from './observability/health'
import { createMapping } from './mapping/index'
import { createLog } from './observability/log'
import { createMetrics } from './observability/metrics'
import { createEraseRecords } from './leads/erase-all'
import { createExplain } from './sync/insight/explain'
import { createInbound } from './sync/inbound/apply'
import { createPreview } from './sync/insight/preview'
import { createEvents } from './sync/runs/progress-stream'
import { createSync, type SyncDeps } from './sync/index'
import { createRunners, type RunnersDeps } from './sync/runners'

export interface ServiceOverrides {
  clock?: Clock
  fetch?: typeof globalThis.fetch
  log?: ReturnType<typeof createLog>
  /** How far searches reach back and what a sweep may cost: tests turn these instead of waiting */
  sync?: Pick<RunnersDeps, 'reach' | 'sweepLimits' | 'indexLagMs' | 'writeLeaseMs'>
  /** How patient runs are: tests of kills and outages turn these instead of waiting */
  runs?: Pick<SyncDeps, 'leaseMs' | 'retryDelaysMs' | 'scheduleEveryMs'>
  /**
   * `false`: neither connecting nor an edit nor a webhook starts a run; tests start them by hand
   */
  triggers?: boolean
  /** Where HubSpot's schema is cached; MongoDB unless told */
  storage?: Storage
}

/**
 * Composition root: builds every part once, from configuration. Handlers reach them by
 * `useServices(event)`, commands and tests by this function.
 */
export function createServices(configuration: Configuration, overrides: ServiceOverrides = {}) {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? createLog({ level: configuration.logLevel })
  const metrics = createMetrics()
  for (const secret of [
    configuration.hubspot.clientSecret,
    ...configuration.hubspot.formerClientSecrets,
    ...[configuration.jwtSecret, ...configuration.formerJwtSecrets].map(secret =>
      new TextDecoder().decode(secret),
    ),
    ...configuration.encryptionKeys.map(key => key.secret.toString('base64')),
  ])
    log.redactor.register(secret)
  const database = createDatabase(configuration.mongodb)
  const { collections } = database
  const health = createHealth({ database, metrics })
  const audit = createAuditLog({ collections, clock })
  const accounts = createAccounts({
    collections,
    clock,
    jwtSecret: configuration.jwtSecret,
    formerJwtSecrets: configuration.formerJwtSecrets,
    secureCookies: configuration.origin.startsWith('https:'),
    metrics,
  })
  const cipher = createCipher(configuration.encryptionKeys)
  const http = createHubspotHttp({
    fetch: overrides.fetch ?? globalThis.fetch,
    apiBaseUrl: configuration.hubspot.apiBaseUrl,
    log,
    metrics,
  })
  const paceStore = createPaceStore(collections)
  const pacing = createPacing({ store: paceStore, limits: configuration.hubspot, metrics })
  const quota = createQuota({ store: paceStore, pacing, clock })
  const connection = createConnection({
    collections,
    configuration,
    http,
    cipher,
    audit,
    clock,
    log,
    metrics,
  })

  // Parts that are built after those that call them.
  const later = {
    crmFor: (_partnerId: ObjectId): Crm => {
      throw new DomainError('hubspot_not_connected', 'HubSpot is not connected.')
    },
    mappingChanged: async (_partnerId: ObjectId, _change: { reread: boolean }): Promise<void> => {},
    localChange: async (_partnerId: ObjectId): Promise<void> => {},
    webhookArrived: async (_partnerId: ObjectId): Promise<void> => {},
  }
  const { smtpUrl, from: operatorAddress } = configuration.alerts
  const mailer =
    smtpUrl && operatorAddress ? createMailer({ smtpUrl, from: operatorAddress }) : null
  const alerts = createAlerts({
    collections,
    clock,
    log,
    metrics,
    accounts,
    mailer,
    operatorAddress,
    origin: configuration.origin,
    syncIntervalSeconds: configuration.hubspot.syncIntervalSeconds,
  })
  connection.hooks.onAlert(({ kind, partnerId, message }) =>
    alerts.raise({
      partnerId,
      kind: kind === 'grant_revoked' ? 'reauthorization_required' : kind,
      message,
    }),
  )
  const doctor = createDoctor({
    configuration,
    database,
    cipher,
    connection,
    pacing,
    mailer,
    fetch: overrides.fetch ?? globalThis.fetch,
    clock,
    log,
    metrics,
  })

  const mapping = createMapping({
    collections,
    clock,
    audit,
    storage: overrides.storage ?? createSchemaStorage(collections),
    crmFor: partnerId => later.crmFor(partnerId),
    onChange: (partnerId, change) => later.mappingChanged(partnerId, change),
  })
  const cursors = createCursors({ secret: configuration.jwtSecret })
  const records = createRecords({
    collections,
    clock,
    mapping,
    cursors,
    onLocalChange: partnerId => later.localChange(partnerId),
  })
  const inbound = createInbound({ collections, clock, audit, mapping })
  const preview = createPreview({
    collections,
    clock,
    mapping,
    inbound,
    crmFor: partnerId => later.crmFor(partnerId),
    words: {
      fields: { ...texts.leads.field, ...texts.leads.dealField },
      rules: texts.activity.rules,
    },
  })
  const explain = createExplain({ collections, mapping })
  const { webhooks, outbound, runners } = createRunners({
    collections,
    configuration,
    clock,
    log,
    metrics,
    inbound,
    mapping,
    records,
    ...overrides.sync,
    arrived: partnerId => later.webhookArrived(partnerId),
  })

  const crm = createCrm({ http, tokens: connection, pacing, quota, configuration, metrics })
  const queue = createQueue({ db: database.db, log })
  const sync = createSync({
    collections,
    configuration,
    queue,
    cursors,
    clock,
    log,
    metrics,
    inbound,
    mapping,
    runners,
    records,
    audit,
    ...overrides.runs,
    crmFor: crm.forPartner,
    prepare: mapping.checkDrift,
    async writeBack(ctx) {
      await outbound.drain(ctx)
    },
    waitingHints: webhooks.waitingPartners,
    maintenance: [connection.maintain, webhooks.purge, alerts.check, accounts.prune],
  })
  const events = createEvents({ connection, sync, log })
  later.crmFor = partnerId => crm.forPartner(partnerId, { priority: 'interactive' })
  if (overrides.triggers !== false) {
    later.mappingChanged = sync.mappingChanged
    later.localChange = sync.localChange
    later.webhookArrived = sync.webhookArrived
    connection.hooks.onConnected(sync.connected)
  }
  connection.hooks.onDisconnected(partnerId => sync.cancel(partnerId))
  connection.hooks.onPaused(partnerId => sync.cancel(partnerId))

  return {
    ...records,
    exports: createExports({ collections }),
    history: createHistoryList({ collections, cursors, clock }),
    eraseRecords: createEraseRecords({ collections, clock, audit }),
    /** An admin turned write-back on: what waited for it goes out. */
    async writeBackOpened(partnerId: ObjectId): Promise<void> {
      await Promise.all([records.leads.openOutbox(partnerId), records.deals.openOutbox(partnerId)])
      await later.localChange(partnerId)
    },
    configuration,
    clock,
    log,
    metrics,
    database,
    health,
    audit,
    accounts,
    cipher,
    http,
    pacing,
    quota,
    connection,
    alerts,
    doctor,
    cursors,
    mapping,
    inbound,
    preview,
    explain,
    webhooks,
    outbound,
    runners,
    crm,
    queue,
    sync,
    events,
    later,
    /** Stops what runs in the background, then closes the connections. */
    async stop() {
      await sync.worker.stop()
      await alerts.stop()
      await database.close()
    },
  }
}
export type Services = ReturnType<typeof createServices>
