import { z } from 'zod'
import { ListQuery, listOf } from './paging'
import { Failure, Id, Instant } from './primitives'

export const RunKind = z.enum(['initial', 'incremental', 'webhook', 'reconcile'])
export type RunKind = z.infer<typeof RunKind>

export const RunStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
export type RunStatus = z.infer<typeof RunStatus>

export const RunTrigger = z.enum([
  'connect',
  'manual',
  'schedule',
  'webhook',
  'mapping',
  'write_back',
  'retry',
])
export type RunTrigger = z.infer<typeof RunTrigger>

/** What a run is doing. Stored with the run; the page has a word for each. */
export const RunPhase = z.enum([
  'inbox',
  /** Many records changed at once in HubSpot: they are read by one search */
  'hubspot_import',
  'contacts',
  'deals',
  'late_contacts',
  'late_deals',
  'sweeps',
  'write_back',
  'done',
])
export type RunPhase = z.infer<typeof RunPhase>

export const RunCounts = z.object({
  seen: z.number().int(),
  created: z.number().int(),
  updated: z.number().int(),
  unchanged: z.number().int(),
  failed: z.number().int(),
  writtenBack: z.number().int(),
})
export type RunCounts = z.infer<typeof RunCounts>

export const Run = z.object({
  id: Id,
  kind: RunKind,
  status: RunStatus,
  trigger: RunTrigger,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  counts: RunCounts,
  /** Records expected, when known */
  total: z.number().int().nullable(),
  /** Records per second of the run so far */
  ratePerSecond: z.number().nullable(),
  error: Failure.nullable(),
  /** What the run is doing; `null` before its first page */
  phase: RunPhase.nullable(),
  /** Reconcile runs: linked records compared, and how many were identical */
  identical: z
    .object({ compared: z.number().int(), identical: z.number().int(), repaired: z.number().int() })
    .nullable(),
})
export type Run = z.infer<typeof Run>

export const RunsQuery = ListQuery.extend({
  kind: RunKind.optional(),
  status: RunStatus.optional(),
  /** Only runs that changed a record, failed in part or whole, were stopped, or go on */
  eventful: z.literal('true').optional(),
})
export const RunList = listOf(Run)
export type RunList = z.infer<typeof RunList>

export const recordOutcomes = [
  'created',
  'updated',
  'merged',
  'archived',
  'skipped',
  'failed',
] as const
export type RecordOutcome = (typeof recordOutcomes)[number]

/**
 * What one run did with one record. Only what changed, was left out or failed is kept, and of that
 * a bounded number.
 */
export const RunResult = z.object({
  id: Id,
  object: z.enum(['lead', 'deal']),
  /** `in`: from HubSpot to here; `out`: from here to HubSpot */
  direction: z.enum(['in', 'out']),
  outcome: z.enum(recordOutcomes),
  /** Our record, while it stands */
  recordId: Id.nullable(),
  hubspotId: z.string().nullable(),
  /** The record's name as it is now; `null` when it is gone or has none */
  name: z.string().nullable(),
  /** Fields that changed, by our names */
  fields: z.array(z.string()),
  /** A closed code: why it was merged or left out */
  reason: z.string().nullable(),
  error: Failure.nullable(),
  at: Instant,
  /**
   * Of failed ones: can be tried again, is about to be, or has come right since; `null` where
   * trying again cannot help
   */
  retry: z.enum(['possible', 'waiting', 'done']).nullable(),
})
export type RunResult = z.infer<typeof RunResult>

export const RunResultsQuery = ListQuery.extend({
  outcome: z.enum(recordOutcomes).optional(),
  object: z.enum(['lead', 'deal']).optional(),
})
export type RunResultsQuery = z.infer<typeof RunResultsQuery>
export const RunResultList = listOf(RunResult).extend({
  /** `false`: more records changed or failed than are kept of one run */
  complete: z.boolean(),
})
export type RunResultList = z.infer<typeof RunResultList>

/**
 * What is to be tried again: one result, all failed ones of a run, one record, or everything that
 * failed.
 */
export const RetryBody = z.union([
  z.strictObject({ resultId: Id }),
  z.strictObject({ runId: Id }),
  z.strictObject({ object: z.enum(['lead', 'deal']), recordId: Id }),
  z.strictObject({ all: z.literal(true) }),
])
export type RetryBody = z.infer<typeof RetryBody>
export const RetryStarted = z.object({
  /**
   * The run that does it; `null` when there is nothing to do or a run of another kind is under way,
   * beside which it happens
   */
  runId: Id.nullable(),
  /** Records to be read from HubSpot again */
  inbound: z.number().int(),
  /** Records to be written to HubSpot again */
  outbound: z.number().int(),
})
export type RetryStarted = z.infer<typeof RetryStarted>

export const SyncBody = z.strictObject({ kind: z.enum(['incremental', 'reconcile']).optional() })
export const SyncStarted = z.object({ runId: Id })
