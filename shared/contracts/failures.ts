import { z } from 'zod'
import { Id } from './primitives'

/** Why a record could not be written, in a dozen causes: nothing is "other". */
export const failureCauses = [
  'permission_lost',
  'property_changed',
  'stage_not_mapped',
  'value_refused',
  'required_missing',
  'duplicate_address',
  'record_gone',
  'association_refused',
  'limit_reached',
  'hubspot_unavailable',
  'unclear_answer',
  'our_fault',
] as const
export const FailureCause = z.enum(failureCauses)
export type FailureCause = z.infer<typeof FailureCause>

/** A record that could not be written. */
export const FailingRecord = z.object({
  object: z.enum(['lead', 'deal']),
  id: Id,
  name: z.string().nullable(),
  /** What HubSpot said of this record */
  message: z.string(),
})
export type FailingRecord = z.infer<typeof FailingRecord>

/** Failed records of one cause. */
export const FailureGroup = z.object({
  cause: FailureCause,
  /** Leads and deals together; of each at most 10,000 are looked at */
  count: z.number().int(),
  /** Who can mend it */
  who: z.enum(['partner', 'operator', 'hubspot']),
  /** What to do, in a sentence or two */
  fix: z.string(),
  /** Up to five of them, the latest first of leads, then of deals */
  sample: z.array(FailingRecord),
})
export type FailureGroup = z.infer<typeof FailureGroup>

/** The largest group first; a cause without records is left out. */
export const Failures = z.object({ groups: z.array(FailureGroup) })
export type Failures = z.infer<typeof Failures>

export const FailureCauseParams = z.strictObject({ cause: FailureCause })

/** The records of one cause, the latest first of leads, then of deals. */
export const FailingRecords = z.object({
  items: z.array(FailingRecord),
  /** How many there are; more than are listed are in the CSV */
  total: z.number().int(),
})
export type FailingRecords = z.infer<typeof FailingRecords>

export const FailuresExportQuery = z.strictObject({ cause: FailureCause.optional() })

export const FailuresRetried = z.object({
  /** The run that writes them, or beside which they are written; `null`: there was nothing */
  runId: Id.nullable(),
})
export type FailuresRetried = z.infer<typeof FailuresRetried>
