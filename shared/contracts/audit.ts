import { z } from 'zod'
import { listOf, ListQuery } from './paging'
import { Id, Instant } from './primitives'

/** One line of the audit log: who did what, to what, when and from where. */
export const AuditEntry = z.object({
  id: Id,
  at: Instant,
  /** `null`: HubSpot, or the server itself */
  actor: z.object({ id: z.string().nullable(), email: z.string().nullable() }).nullable(),
  action: z.string(),
  outcome: z.enum(['ok', 'refused', 'failed']),
  /** An id of ours or of HubSpot's */
  target: z.string().nullable(),
  /** The network address that asked */
  address: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type AuditEntry = z.infer<typeof AuditEntry>

export const AuditList = listOf(AuditEntry)
export type AuditList = z.infer<typeof AuditList>

/** A day counts from its beginning, or to its end, in UTC. */
const Moment = z.union([Instant, z.iso.date()])

export const AuditQuery = ListQuery.extend({
  /** A person's id, or their e-mail address */
  actor: z.string().min(1).max(254).optional(),
  action: z
    .string()
    .regex(/^[a-z][a-z0-9_.]{0,63}$/)
    .optional(),
  from: Moment.optional(),
  to: Moment.optional(),
})
export type AuditQuery = z.output<typeof AuditQuery>
