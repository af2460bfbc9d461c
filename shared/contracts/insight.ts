import { z } from 'zod'
import { Deal, Lead } from './leads'
import { Failure, Instant } from './primitives'

export const PreviewCounts = z.object({
  link: z.number().int(),
  create: z.number().int(),
  update: z.number().int(),
  unchanged: z.number().int(),
  skip: z.number().int(),
  conflict: z.number().int(),
})
export type PreviewCounts = z.infer<typeof PreviewCounts>

export const PreviewSample = z.object({
  direction: z.enum(['inbound', 'outbound']),
  action: z.enum(['link', 'create', 'update', 'unchanged', 'skip', 'conflict']),
  label: z.string(),
  hubspotId: z.string().nullable(),
  changes: z.array(
    z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
  ),
  why: z.string().nullable(),
})
export type PreviewSample = z.infer<typeof PreviewSample>

export const PreviewBody = z.strictObject({})
const PreviewObject = z.object({
  inbound: PreviewCounts,
  outbound: PreviewCounts,
  samples: z.array(PreviewSample),
  /** HubSpot records looked at, and whether that was all of them */
  examined: z.number().int(),
  complete: z.boolean(),
})
export const Preview = z.object({ contacts: PreviewObject, deals: PreviewObject })
export type Preview = z.infer<typeof Preview>

export const ExplainQuery = z.strictObject({ q: z.string().trim().min(1).max(254) })
export const ExplainField = z.object({
  field: z.string(),
  property: z.string().nullable(),
  base: z.string().nullable(),
  local: z.string().nullable(),
  remote: z.string().nullable(),
  decision: z.string(),
  rule: z.string(),
})
export type ExplainField = z.infer<typeof ExplainField>
export const Explain = z.object({
  record: z
    .union([
      z.object({ object: z.literal('lead'), lead: Lead }),
      z.object({ object: z.literal('deal'), deal: Deal }),
    ])
    .nullable(),
  matchedBy: z.enum(['id', 'hubspot_id', 'email']).nullable(),
  fields: z.array(ExplainField),
  lastError: Failure.nullable(),
  nextTryAt: Instant.nullable(),
})
export type Explain = z.infer<typeof Explain>

const Budget = z.object({
  limit: z.number().int(),
  remaining: z.number().int(),
  pausedUntil: Instant.nullable(),
})
const ReportedBudget = z.object({
  limit: z.number().int(),
  remaining: z.number().int(),
  at: Instant,
})
/** What is left of HubSpot's budgets for the connected account. */
export const Quota = z.object({
  /** Requests in any ten seconds, by our own count over all processes */
  tenSeconds: Budget,
  /** Searches in any second */
  searches: Budget,
  /** HubSpot's own count of the ten seconds, as its last answer said */
  reported: ReportedBudget.nullable(),
  /** Requests of the day; HubSpot counts none for most apps */
  daily: ReportedBudget.nullable(),
})
export type Quota = z.infer<typeof Quota>

export const DoctorCheck = z.object({
  id: z.string(),
  status: z.enum(['pass', 'warn', 'fail', 'skipped']),
  message: z.string(),
  fix: z.string().nullable(),
})
export type DoctorCheck = z.infer<typeof DoctorCheck>
export const Doctor = z.object({ checks: z.array(DoctorCheck), report: z.string() })
export type Doctor = z.infer<typeof Doctor>
