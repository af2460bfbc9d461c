import { z } from 'zod'
import { Failure, Id, Instant, ListQuery, listOf } from './primitives'

export const RunKind = z.enum(['initial', 'incremental', 'webhook', 'reconcile'])
export type RunKind = z.infer<typeof RunKind>

export const RunStatus = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
export type RunStatus = z.infer<typeof RunStatus>

export const RunTrigger = z.enum(['connect', 'manual', 'schedule', 'webhook', 'mapping', 'write_back'])
export type RunTrigger = z.infer<typeof RunTrigger>

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
  /** What the run is doing: `contacts`, `deals`, `write_back`, … */
  phase: z.string().nullable(),
  /** Reconcile runs: linked records compared, and how many were identical */
  identical: z.object({ compared: z.number().int(), identical: z.number().int(), repaired: z.number().int() }).nullable(),
})
export type Run = z.infer<typeof Run>

export const RunsQuery = ListQuery.extend({ kind: RunKind.optional(), status: RunStatus.optional() })
export const RunList = listOf(Run)
export type RunList = z.infer<typeof RunList>

export const SyncBody = z.strictObject({ kind: z.enum(['incremental', 'reconcile']).optional() })
export const SyncStarted = z.object({ runId: Id })
