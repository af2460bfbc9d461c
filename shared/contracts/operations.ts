import { z } from 'zod'
import { DealPatch, LeadPatch } from './leads'
import { DealsFilter, LeadsFilter } from './lists'
import { ListQuery, listOf } from './paging'
import { Failure, Id, Instant } from './primitives'
import { RunStatus } from './runs'

export const OperationKind = z.enum(['bulk_edit', 'import', 'undo'])
export type OperationKind = z.infer<typeof OperationKind>

export const OperationCounts = z.object({
  total: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
})
export type OperationCounts = z.infer<typeof OperationCounts>

/** A change of many records, worked off in the background. */
export const Operation = z.object({
  id: Id,
  kind: OperationKind,
  status: RunStatus,
  counts: OperationCounts,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  /** The operation that took it back */
  undoneBy: Id.nullable(),
  /** Who started it */
  by: z.object({ email: z.string() }).nullable(),
  error: Failure.nullable(),
})
export type Operation = z.infer<typeof Operation>

export const OperationStarted = z.object({ operationId: Id })
export type OperationStarted = z.infer<typeof OperationStarted>

export const operationOutcomes = ['failed', 'skipped'] as const

/** A record that an operation did not change, and why. */
export const OperationResult = z.object({
  id: Id,
  object: z.enum(['lead', 'deal']),
  /** Our record; `null` where there is none */
  recordId: Id.nullable(),
  /** The line of an imported file */
  line: z.number().int().nullable(),
  outcome: z.enum(operationOutcomes),
  /** A sentence */
  why: z.string(),
})
export type OperationResult = z.infer<typeof OperationResult>
export const OperationResultsQuery = ListQuery.extend({
  outcome: z.enum(operationOutcomes).optional(),
})
export type OperationResultsQuery = z.infer<typeof OperationResultsQuery>
export const OperationResultList = listOf(OperationResult)
export type OperationResultList = z.infer<typeof OperationResultList>

const ids = z.array(Id).min(1).max(1000)
const isChange = (patch: object) => Object.keys(patch).length > 0
const leadChange = LeadPatch.omit({ revision: true }).refine(isChange, 'changes nothing')
const dealChange = DealPatch.omit({ revision: true }).refine(isChange, 'changes nothing')

/** The same change for many records: those named, or those that a list's query asks for. */
export const LeadsBulk = z.union([
  z.strictObject({ ids, patch: leadChange }),
  z.strictObject({ filter: LeadsFilter, patch: leadChange }),
])
export type LeadsBulk = z.infer<typeof LeadsBulk>
export const DealsBulk = z.union([
  z.strictObject({ ids, patch: dealChange }),
  z.strictObject({ filter: DealsFilter, patch: dealChange }),
])
export type DealsBulk = z.infer<typeof DealsBulk>

export const UndoBody = z.strictObject({ dryRun: z.boolean().optional() })

/** What an undo would change, and what it leaves alone because somebody changed it since. */
export const UndoPreview = z.object({
  changes: z.array(
    z.object({
      object: z.enum(['lead', 'deal']),
      id: Id,
      /** What people call the record */
      name: z.string().nullable(),
      field: z.string(),
      now: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
  skipped: z.array(
    z.object({
      object: z.enum(['lead', 'deal']),
      id: Id,
      name: z.string().nullable(),
      why: z.string(),
    }),
  ),
  /** How many changes; the lists above hold the first thousand */
  total: z.number().int(),
})
export type UndoPreview = z.infer<typeof UndoPreview>
export const UndoAnswer = z.union([UndoPreview, OperationStarted])

export const ImportQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).optional() })

/** A line of an imported file that is left out, and why. */
export const SkippedLine = z.object({ line: z.number().int(), why: z.string() })
export type SkippedLine = z.infer<typeof SkippedLine>

/** What an import would do. `skip` holds the first 10,000 lines that it would leave out. */
export const ImportPreview = z.object({
  create: z.number().int(),
  update: z.number().int(),
  unchanged: z.number().int(),
  skip: z.array(SkippedLine),
})
export type ImportPreview = z.infer<typeof ImportPreview>
export const ImportAnswer = z.union([ImportPreview, OperationStarted])
