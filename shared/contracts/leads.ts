import { z } from 'zod'
import { syncStates } from '../leads/fields'
import { OwnValues, OwnValuesInput } from './fields'
import { dealStages } from '../leads/stages'
import { scopeRules } from './scope'
import { listOf } from './paging'
import { CalendarDay, Currency, DealStageInput, Failure, Id, Instant, Money } from './primitives'

export const Sync = z.object({
  state: z.enum(syncStates),
  lastInAt: Instant.nullable(),
  lastOutAt: Instant.nullable(),
  error: Failure.nullable(),
  /** Only of records that are `out_of_scope`: the rule that leaves them out, in words */
  outOfScope: z
    .object({ rule: z.enum(scopeRules), message: z.string(), since: Instant })
    .optional(),
})
export type Sync = z.infer<typeof Sync>

export const Lead = z.object({
  id: Id,
  hubspotId: z.string().nullable(),
  email: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  phone: z.string().nullable(),
  company: z.string().nullable(),
  jobTitle: z.string().nullable(),
  lifecycleStage: z.string().nullable(),
  /** Whom it belongs to in HubSpot; names are in `owners` */
  hubspotOwnerId: z.string().nullable(),
  /** Fields that admins added, by key */
  fields: OwnValues,
  sync: Sync,
  createdAt: Instant,
  updatedAt: Instant,
  revision: z.number().int(),
})
export type Lead = z.infer<typeof Lead>

export const Deal = z.object({
  id: Id,
  hubspotId: z.string().nullable(),
  leadIds: z.array(Id),
  name: z.string().nullable(),
  amount: Money.nullable(),
  currency: z.string().nullable(),
  stage: z.enum(dealStages).nullable(),
  hubspotPipelineId: z.string().nullable(),
  hubspotStageId: z.string().nullable(),
  closeDate: z.string().nullable(),
  hubspotOwnerId: z.string().nullable(),
  fields: OwnValues,
  sync: Sync,
  createdAt: Instant,
  updatedAt: Instant,
  revision: z.number().int(),
})
export type Deal = z.infer<typeof Deal>

const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters')
    .transform(text => (text === '' ? null : text))
    .nullable()
const leadValues = {
  email: z.union([
    z.null(),
    z.literal('').transform(() => null),
    z.string().trim().toLowerCase().max(254).pipe(z.email()),
  ]),
  firstName: line(200),
  lastName: line(200),
  phone: line(60),
  company: line(200),
  jobTitle: line(200),
  lifecycleStage: line(100),
  fields: OwnValuesInput,
}
const dealValues = {
  name: line(300),
  amount: Money.nullable(),
  currency: Currency.nullable(),
  stage: DealStageInput.nullable(),
  closeDate: CalendarDay.nullable(),
  /** A deal in HubSpot can have more than a hundred contacts, and is edited as a whole */
  leadIds: z.array(Id).max(1000),
  fields: OwnValuesInput,
}
const revision = { revision: z.number().int().min(0).optional() }

export const LeadCreate = z
  .strictObject(leadValues)
  .partial()
  .refine(lead => Boolean(lead.email || lead.firstName || lead.lastName), {
    path: ['email'],
    message: 'an e-mail address or a name is needed',
  })
export type LeadCreate = z.infer<typeof LeadCreate>
export const LeadPatch = z.strictObject(leadValues).partial().extend(revision)
export type LeadPatch = z.infer<typeof LeadPatch>

export const DealCreate = z
  .strictObject(dealValues)
  .partial()
  .refine(deal => Boolean(deal.name), { path: ['name'], message: 'a name is needed' })
export type DealCreate = z.infer<typeof DealCreate>
export const DealPatch = z.strictObject(dealValues).partial().extend(revision)
export type DealPatch = z.infer<typeof DealPatch>

export const RemoveQuery = z.strictObject({
  /** Archive it in HubSpot as well */
  inHubspot: z.enum(['true', 'false']).default('false'),
})

export const historyKinds = [
  'created',
  'edited',
  'received',
  'kept',
  'written',
  'merged',
  'archived',
  'restored',
] as const

/** One change of a lead or deal: by whom, and from what to what. Long values are shortened. */
export const HistoryEntry = z.object({
  id: Id,
  at: Instant,
  /** Where the change was made */
  side: z.enum(['ours', 'hubspot']),
  /**
   * `kept`: both sides changed and ours stayed (`from` is HubSpot's value); `written`: ours reached
   * HubSpot
   */
  kind: z.enum(historyKinds),
  /** The user who made it here */
  by: z.object({ email: z.string() }).nullable(),
  fields: z.array(
    z.object({
      field: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      /** Why it went this way, as in `explain` */
      rule: z.string().nullable(),
    }),
  ),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>
export const HistoryList = listOf(HistoryEntry)
export type HistoryList = z.infer<typeof HistoryList>

export const LeadList = listOf(Lead)
export type LeadList = z.infer<typeof LeadList>
export const DealList = listOf(Deal)
export type DealList = z.infer<typeof DealList>
