import type { Inbound } from './inbound/apply'
import { createIncremental, type IncrementalDeps } from './readers/incremental'
import type { OutboundDeps } from './outbound/context'
import { createOutbound } from './outbound/drain'
import type { SyncCursors } from './readers/cursors-repository'
import { createImport } from './readers/initial'
import { createPull } from './readers/by-ids'
import type { Permission } from './permission'
import { createReconcile, type ReconcileDeps } from './readers/reconcile'
import type { Runners } from './runs/context'
import type { SearchOverlap } from './readers/search-overlap'
import { createListMembers, type ListMembersDeps } from './readers/list-members'
import { createScopeChange, type ScopeChangeDeps } from './readers/scope-change'
import { createSweeps, type SweepLimits } from './readers/archived'
import type { SweepPace } from './readers/sweep-pace'
import type { AcceptDeps } from './webhooks/accept'
import { createWebhooks, type WebhooksDeps } from './webhooks/index'

export interface RunnersDeps
  extends
    Omit<AcceptDeps, 'store' | 'privacyDeletions' | 'probes' | 'permission'>,
    Pick<WebhooksDeps, 'audit' | 'fetch'>,
    Pick<OutboundDeps, 'collections' | 'records' | 'indexLagMs' | 'writeLeaseMs'> {
  inbound: Inbound
  permission: Permission
  cursors: SyncCursors
  mapping: IncrementalDeps['mapping'] &
    ReconcileDeps['mapping'] &
    OutboundDeps['mapping'] &
    ListMembersDeps['mapping'] &
    ScopeChangeDeps['mapping']
  askForReread: ScopeChangeDeps['askForReread']
  overlap?: SearchOverlap
  sweepLimits?: SweepLimits
  sweepPace: SweepPace
}

/**
 * Builds the runs, initial, incremental, webhook and reconcile, and the webhook inbox that feeds
 * them.
 */
export function createRunners(deps: RunnersDeps) {
  const pull = createPull(deps)
  const outbound = createOutbound({ ...deps, pull })
  const webhooks = createWebhooks({
    ...deps,
    pull: pull.pull,
    drainOutbox: outbound.drain,
    catchUp: ctx => incremental.catchUp(ctx),
  })
  const parts = { ...deps, pull, drainInbox: webhooks.handleInbox, drainOutbox: outbound.drain }
  const incremental = createIncremental({
    ...parts,
    sweeps: createSweeps({ ...deps, pull, limits: deps.sweepLimits }),
  })
  const reconcile = createReconcile(parts)
  const followLists = createListMembers({ ...deps, pull })
  const scopeChange = createScopeChange(deps)
  const runners: Runners = {
    initial: scopeChange.applying(createImport(parts)),
    incremental: scopeChange.reminding(async ctx => {
      if (ctx.checkpoint() === null) await followLists(ctx)
      await incremental.run(ctx)
    }),
    reconcile: scopeChange.applying(reconcile.run),
    webhook: webhooks.runWebhooks,
    write_back: outbound.drain,
  }
  return { webhooks, outbound, runners }
}
