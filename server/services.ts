import { ObjectId } from 'mongodb'
import type { Storage } from 'unstorage'
import { createAccounts } from './accounts/index'
import { createPeopleParts } from './accounts/people/parts'
import { createAlerts } from './alerts/index'
import { mailerFor } from './alerts/mailer'
import { createNoticeWebhooks } from './alerts/webhook/index'
import { createSignedPost } from './alerts/webhook/signed-post'
import { createPersonalMail } from './alerts/invitation-and-reset-mail'
import type { Clock } from './config/clock'
import type { Configuration } from './config/configuration'
import { secretsOf } from './config/secrets'
import { createConnection } from './connection/index'
import { createApiCalls } from './database/api-calls'
import { createAuditLog } from './database/audit'
import { createDatabase } from './database/client'
import { createCursors } from './database/cursor'
import { createCipher } from './database/encryption'
import { createOpenStreams } from './database/open-streams'
import { createPaceStore } from './database/pace'
import { createRequestLimits } from './database/request-limits'
import { createDoctor } from './doctor/index'
import { createPartnerHealth } from './doctor/partner-health'
import { createHubspotHttp } from './hubspot/http'
import { createQueue } from './jobs/queue'
import { createPacing } from './hubspot/pacing'
import { createQuota } from './hubspot/quota'
import { createCrm, type CrmDeps } from './hubspot/crm-client'
import { createExports } from './leads/export'
import { createHistoryList } from './leads/history-list'
import { createRecords } from './leads/index'
import { createSchemaStorage } from './mapping/schema-storage-repository'
import { reopeningReporter } from './observability/database-reopening'
import { createHealth } from './observability/health'
import { createMapping } from './mapping/index'
import { fillAmountKeys } from './records/repository/amount-keys'
import { createLog } from './observability/log'
import { createMetrics } from './observability/metrics'
import { createSecurityEvents } from './observability/security-events'
import { createEraseRecords } from './leads/erase-after-disconnect'
import { createSyncCounts } from './records/repository/sync-counts'
import { createExplain } from './sync/insight/explain'
import { createPreviewParts } from './sync/insight/parts'
import { createProgressStream } from './sync/runs/progress-stream'
import { createSyncCore, type SyncCoreDeps } from './sync/core'
import { createSync, type SyncDeps } from './sync/index'
import { createOperations } from './operations/index'
import type { SyncTriggers } from './sync/triggers'

/** How long a process that ends tries to store tokens that only its memory holds, ms */
const storeHeldForMs = 4000

export interface ServiceOverrides {
  /** What every part goes by, in place of the database's clock */
  clock?: Clock
  /** This process's own clock */
  processClock?: Clock
  fetch?: typeof globalThis.fetch
  log?: ReturnType<typeof createLog>
  /** How far searches reach back and what a sweep may cost: tests turn these instead of waiting */
  sync?: SyncDeps['readers']
  /** How patient runs are: tests of kills and outages turn these instead of waiting */
  runs?: Pick<SyncDeps, 'retryDelaysMs' | 'scheduleEveryMs'> & Pick<SyncCoreDeps, 'leaseMs'>
  /** How often a call to HubSpot is repeated within a request or a run */
  crm?: Pick<CrmDeps<ObjectId>, 'retryDelaysMs'>
  /** What connecting, an edit, a webhook or a new mapping starts: runs, unless a test says else */
  triggers?: SyncTriggers
  /** Where HubSpot's schema is cached; MongoDB unless told */
  storage?: Storage
}

/**
 * Composition root: builds every part once, from configuration. Handlers reach them by
 * `useServices(event)`, commands and tests by this function.
 */
export function createServices(configuration: Configuration, overrides: ServiceOverrides = {}) {
  const log = overrides.log ?? createLog({ level: configuration.logLevel })
  const metrics = createMetrics()
  for (const secret of secretsOf(configuration)) log.redactor.register(secret)
  const database = createDatabase({
    ...configuration.mongodb,
    processClock: overrides.processClock,
    onReopening: reopeningReporter({ log, metrics }),
  })
  const clock = overrides.clock ?? database.clock
  const { collections } = database
  const health = createHealth({ database, metrics })
  const audit = createAuditLog({ collections, clock })
  const limits = createRequestLimits({ collections, clock })
  const openStreams = createOpenStreams({ collections, clock })
  const security = createSecurityEvents({ log, metrics, secret: configuration.jwtSecret })
  const accounts = createAccounts({
    collections,
    clock,
    jwtSecret: configuration.jwtSecret,
    formerJwtSecrets: configuration.formerJwtSecrets,
    secureCookies: configuration.origin.startsWith('https:'),
    metrics,
  })
  const cipher = createCipher(configuration.encryptionKeys)
  const apiCalls = createApiCalls({ collections, clock })
  const http = createHubspotHttp({
    onCall: apiCalls.note,
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
    countRecords: createSyncCounts({ collections }),
  })

  const crm = createCrm({
    http,
    tokens: connection,
    pacing,
    quota,
    configuration,
    metrics,
    ...overrides.crm,
  })
  const interactiveCrm = (partnerId: ObjectId) =>
    crm.forPartner(partnerId, { priority: 'interactive' })
  const queue = createQueue({ db: database.db, clock: database.clock, log })
  const core = createSyncCore({
    collections,
    queue,
    clock,
    log,
    leaseMs: overrides.runs?.leaseMs,
  })
  const triggers = overrides.triggers ?? core.triggers

  const mailer = mailerFor(configuration.alerts)
  const anywhere = configuration.alerts.webhookAnywhere
  const noticeWebhooks = createNoticeWebhooks({
    collections,
    cipher,
    clock,
    audit,
    anywhere,
    post: createSignedPost({ anywhere }),
  })
  const alerts = createAlerts({
    collections,
    webhooks: noticeWebhooks,
    clock,
    log,
    metrics,
    accounts,
    audit,
    mailer,
    operatorAddress: configuration.alerts.from,
    origin: configuration.origin,
    syncIntervalSeconds: configuration.hubspot.syncIntervalSeconds,
  })
  const doctor = createDoctor({
    configuration,
    database,
    cipher,
    connection,
    pacing,
    mailer,
    alerts,
    apiCalls,
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
    crmFor: interactiveCrm,
    onChange: triggers.mappingChanged,
  })
  const pageCursors = createCursors({ secret: configuration.jwtSecret })
  const peopleParts = createPeopleParts({
    collections,
    clock,
    accounts,
    audit,
    cursors: pageCursors,
    mail: createPersonalMail({ mailer, log }),
    origin: configuration.origin,
    auditRetentionDays: configuration.auditRetentionDays,
  })
  const records = createRecords({
    collections,
    clock,
    mapping,
    cursors: pageCursors,
    onLocalChange: triggers.localChange,
  })
  const operations = createOperations({
    collections,
    records,
    mapping,
    permission: core.permission,
    crmFor: interactiveCrm,
    findRun: core.history.find,
    audit,
    queue,
    cursors: pageCursors,
    onLocalChange: triggers.localChange,
    clock,
    log,
  })
  const sync = createSync({
    core,
    configuration,
    pageCursors,
    mapping,
    records,
    audit,
    cipher,
    metrics,
    crmFor: crm.forPartner,
    prepare: mapping.checkDrift,
    fetch: overrides.fetch ?? globalThis.fetch,
    onWebhook: triggers.webhookArrived,
    maintenance: [
      queue.prune,
      connection.maintain,
      alerts.check,
      doctor.warnOfSunset,
      accounts.prune,
      peopleParts.prunePeople,
      limits.prune,
      openStreams.prune,
      () => fillAmountKeys(collections),
      operations.maintain,
      mapping.ownFields.purge,
    ],
    operation: async ({ operationId }) => {
      if (operationId) await operations.execute(new ObjectId(operationId))
    },
    readers: overrides.sync,
    retryDelaysMs: overrides.runs?.retryDelaysMs,
    scheduleEveryMs: overrides.runs?.scheduleEveryMs,
  })
  connection.hooks.onConnected(triggers.connected)
  connection.hooks.onDisconnected(sync.cancel)
  connection.hooks.onPaused(sync.cancel)
  connection.hooks.onAlert(({ kind, partnerId, message }) =>
    alerts.raise({
      partnerId,
      kind: kind === 'grant_revoked' ? 'reauthorization_required' : kind,
      message,
    }),
  )

  return {
    ...records,
    ...peopleParts,
    operations,
    exports: createExports({ collections, mapping }),
    history: createHistoryList({ collections, cursors: pageCursors, clock }),
    eraseRecords: createEraseRecords({
      collections,
      clock,
      audit,
      forgetProgress: core.forgetProgress,
    }),
    configuration,
    clock,
    log,
    metrics,
    database,
    health,
    audit,
    limits,
    openStreams,
    security,
    accounts,
    cipher,
    http,
    pacing,
    quota,
    connection,
    alerts,
    noticeWebhooks,
    doctor,
    partnerHealth: createPartnerHealth({
      collections,
      examineConnection: doctor.examineConnection,
      failures: sync.failures,
      events: sync.webhooks,
    }),
    mapping,
    ...createPreviewParts({
      collections,
      clock,
      mapping,
      inbound: sync.inbound,
      crmFor: interactiveCrm,
    }),
    explain: createExplain({ collections, mapping }),
    webhooks: sync.webhooks,
    crm,
    queue,
    sync,
    events: createProgressStream({ connection, sync, log }),
    /** Stops what runs in the background, then closes the connections. */
    async stop() {
      await operations.stop()
      await sync.worker.stop()
      await alerts.stop()
      await connection.storeHeldTokens(storeHeldForMs)
      await database.close()
    },
  }
}
export type Services = ReturnType<typeof createServices>
