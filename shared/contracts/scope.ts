import { z } from 'zod'
import { Id } from './primitives'

/** Which records are synced. What is empty leaves nothing out. */

/** HubSpot's ids and internal names */
const names = z.array(z.string().trim().min(1).max(100)).max(100).default([])
/** A day (from its beginning, UTC) or an instant; `null`: of any age */
const CreatedAfter = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .nullable()
  .default(null)

const ContactScope = z.strictObject({
  lifecycleStages: names,
  ownerIds: names,
  /** HubSpot lists (segments) of contacts: a contact is on one of them */
  listIds: names,
  createdAfter: CreatedAfter,
})
const DealScope = z.strictObject({
  pipelineIds: names,
  ownerIds: names,
  createdAfter: CreatedAfter,
})

export const Scope = z.strictObject({
  contacts: ContactScope.prefault({}),
  deals: DealScope.prefault({}),
})
export type Scope = z.infer<typeof Scope>

/** Where a number comes from. */
export const CountBasis = z.enum([
  /** HubSpot's own count of all records */
  'all',
  /** HubSpot's search counted them */
  'search',
  /** The size of the list, as HubSpot says it */
  'list_size',
  /** The members of the lists were looked at one by one */
  'members',
  /** Not more than this many: HubSpot cannot count lists together with other rules */
  'at_most',
])
export type CountBasis = z.infer<typeof CountBasis>

const Counted = z.object({ inside: z.number().int(), outside: z.number().int() })
export const ScopeCounts = z.object({
  counts: z.object({ contacts: Counted, deals: Counted }),
  basis: z.object({ contacts: CountBasis, deals: CountBasis }),
})
export type ScopeCounts = z.infer<typeof ScopeCounts>

export const ScopeView = Scope.extend({
  /** Records are being brought in line with what was saved last */
  applying: z.boolean(),
})
export type ScopeView = z.infer<typeof ScopeView>

export const ScopeSaved = z.object({ ...ScopeView.shape, ...ScopeCounts.shape })
export type ScopeSaved = z.infer<typeof ScopeSaved>

/** A HubSpot list of contacts. */
const ContactList = z.object({
  id: z.string(),
  name: z.string(),
  size: z.number().int().nullable(),
})
export const ContactLists = z.object({
  /** HubSpot lets us read lists; `false`: an admin has to allow it first */
  allowed: z.boolean(),
  lists: z.array(ContactList),
})
export type ContactLists = z.infer<typeof ContactLists>

/** The rule that leaves a record out. */
export const scopeRules = ['lifecycle_stage', 'owner', 'list', 'pipeline', 'created_after'] as const
export type ScopeRule = (typeof scopeRules)[number]

/** What another scope would do to the records that are stored here. */
export const ScopeRehearsal = z.object({
  examined: z.object({ leads: z.number().int(), deals: z.number().int() }),
  /** `false`: there are so many records that only a part was looked at */
  complete: z.boolean(),
  sentences: z.array(
    z.object({
      object: z.enum(['lead', 'deal']),
      /** `unknown`: what HubSpot has of them is not stored */
      effect: z.enum(['leaves', 'enters', 'unknown']),
      rule: z.enum(scopeRules).nullable(),
      count: z.number().int(),
      /** So many of them have changes made here that HubSpot has not got */
      waiting: z.number().int(),
      /** So many of them changed in the last thirty days, on either side */
      recent: z.number().int(),
      /** Whole sentences */
      message: z.string(),
      /** How many of them people changed here by hand lately, and who */
      byHand: z.string().nullable(),
      records: z.array(z.object({ id: Id, label: z.string() })),
    }),
  ),
})
export type ScopeRehearsal = z.infer<typeof ScopeRehearsal>
