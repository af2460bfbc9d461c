import type { Configuration } from '../config/configuration'
import type { AuditLog } from '../database/audit'
import type { Cursors } from '../database/cursor'
import type { Deals } from '../leads/deals'
import type { Leads } from '../leads/leads'
import type { Metrics } from '../observability/metrics'
import type { SyncCore } from './core'
import { createInbound, type InboundDeps } from './inbound/apply'
import { createFailures } from './insight/failures'
import { createRetry } from './insight/retry'
import { createAccountChange } from './readers/account-change'
import { createLook } from './readers/look'
import { createSweepPace } from './readers/sweep-pace'
import { createRunners, type RunnersDeps } from './runners'
import { createConclude } from './runs/conclude'
import { createExecutor, type ExecutorDeps } from './runs/execute'
import { createRunList } from './runs/list'
import { createResultPresenter } from './runs/presenter'
import { createRunResults } from './runs/results'
import { createDuePartners } from './runs/schedule'
import { createWorker, type WorkerDeps } from './runs/worker'

export interface SyncDeps extends Pick<ExecutorDeps, 'crmFor' | 'prepare'> {
  core: SyncCore
  configuration: Pick<Configuration, 'hubspot'>
  pageCursors: Cursors
  mapping: InboundDeps['mapping'] & RunnersDeps['mapping']
  records: { leads: Leads; deals: Deals }
  audit: AuditLog
  cipher: InboundDeps['cipher']
  metrics: Metrics
  /** For deliveries that the installation sends to itself */
  fetch: typeof globalThis.fetch
  /** Webhook events of this partner were stored */
  onWebhook: RunnersDeps['arrived']
  /** Called about once a minute by one process, before what sync itself has to do */
  maintenance: (() => Promise<unknown>)[]
  operation?: WorkerDeps['operation']
  readers?: Pick<RunnersDeps, 'overlap' | 'sweepLimits' | 'indexLagMs' | 'writeLeaseMs'>
  retryDelaysMs?: readonly number[]
  scheduleEveryMs?: number
}

/** How long HubSpot is asked about a privacy deletion outside a run, ms */
const askTimeoutMs = 60_000
/** How long runs, and what they did record by record, are kept */
const runsKept = { webhookDays: 7, days: 90 }

/** Everything that moves records between HubSpot and here. */
export function createSync(deps: SyncDeps) {
  const { core, mapping, records, audit, metrics } = deps
  const { collections, clock, log, runs, history, permission, requests, active } = core

  const inbound = createInbound({ collections, clock, audit, cipher: deps.cipher, mapping })
  const intervalSeconds = deps.configuration.hubspot.syncIntervalSeconds
  const sweepPace = createSweepPace(intervalSeconds)
  const { webhooks, outbound, runners } = createRunners({
    ...deps,
    ...deps.readers,
    collections,
    clock,
    log,
    sweepPace,
    inbound,
    permission,
    cursors: core.cursors,
    arrived: deps.onWebhook,
    askForReread: partnerId =>
      requests.requestQuietly(partnerId, { trigger: 'mapping', kind: 'reconcile' }),
    crmFor: partnerId =>
      deps.crmFor(partnerId, { priority: 'normal', signal: AbortSignal.timeout(askTimeoutMs) }),
  })

  const results = createRunResults({ collections, clock, keep: runsKept })
  const presentResults = createResultPresenter({ collections })
  const duePartners = createDuePartners({
    collections,
    clock,
    intervalSeconds,
  })
  const executor = createExecutor({
    runs,
    results,
    permission,
    active,
    duePartners,
    conclude: createConclude({ runs, history, duePartners, requests, active, log, metrics }),
    runners,
    followAccount: createAccountChange({ collections, clock, mapping }),
    prepare: deps.prepare,
    crmFor: deps.crmFor,
    clock,
    log,
    leaseMs: core.leaseMs,
    retryDelaysMs: deps.retryDelaysMs ?? [2000, 5000, 10_000],
  })
  const worker = createWorker({
    core,
    duePartners,
    executor,
    foundNothing: createLook({
      cursors: core.cursors,
      duePartners,
      records,
      crmFor: deps.crmFor,
      sweepPace,
      overlap: deps.readers?.overlap,
      clock,
      log,
    }),
    scheduleEveryMs: deps.scheduleEveryMs ?? 1000,
    waitingHints: webhooks.waitingPartners,
    operation: deps.operation,
    maintenance: [
      ...deps.maintenance,
      webhooks.purge,
      results.prune,
      () => history.prune(clock(), runsKept),
    ],
  })

  return {
    ...requests,
    forgetProgress: core.forgetProgress,
    ...createRunList({
      runs,
      history,
      results,
      presentResults,
      pageCursors: deps.pageCursors,
      clock,
    }),
    runs,
    results,
    inbound,
    webhooks,
    outbound,
    executor,
    worker,
    failures: createFailures({ collections, records, audit, permission, requests }),
    retry: createRetry({
      collections,
      records,
      results,
      presentResults,
      audit,
      clock,
      permission,
      runs,
      requests,
    }),
  }
}
export type Sync = ReturnType<typeof createSync>
