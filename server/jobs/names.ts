import type { RunKind, RunTrigger } from '#shared/contracts/runs'

/** The guide's name for the queue; here it names the worker in each job's record. */
export const queueName = 'HUBSPOT_SYNC'

/** The collection that Agenda keeps its jobs in */
export const jobsCollection = 'jobs'

/**
 * Jobs, and how many of each one process carries out at once. Separate numbers: imports of many
 * partners never hold up one partner's Sync Now.
 */
export const jobConcurrency = {
  'initial-sync': 8,
  'incremental-sync': 8,
  'webhook-drain': 8,
  'write-back': 8,
  reconcile: 4,
  operation: 4,
  maintain: 1,
} as const
export type JobName = keyof typeof jobConcurrency

const ofKind: Record<RunKind, JobName> = {
  initial: 'initial-sync',
  incremental: 'incremental-sync',
  webhook: 'webhook-drain',
  reconcile: 'reconcile',
}

export function jobOf(run: { kind: RunKind; trigger: RunTrigger }): JobName {
  return run.trigger === 'write_back' ? 'write-back' : ofKind[run.kind]
}
