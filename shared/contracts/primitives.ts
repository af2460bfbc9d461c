import { z } from 'zod'
import { dealStages } from '../leads/stages'

/** 24 hexadecimal characters: an ObjectId of ours. */
export const Id = z.string().regex(/^[0-9a-f]{24}$/, 'must be 24 lower-case hexadecimal characters')

/** Parameters of a route that names one record of ours. */
export const IdParams = z.strictObject({ id: Id })

/** Parameters of a route that names one change of one record. */
export const EntryParams = z.strictObject({ id: Id, entryId: Id })

/** An id of HubSpot's. Numbers in webhooks, strings in its CRM API; strings here. */
export const HubspotId = z.string().regex(/^[0-9]{1,20}$/)

/** ISO 8601, UTC, milliseconds: what `Date.toISOString` writes. */
export const Instant = z.iso.datetime()

/** A calendar day, `YYYY-MM-DD`. */
export const CalendarDay = z.iso.date()

/** A decimal number as text, so that no amount is rounded on its way. */
export const Money = z
  .string()
  .regex(/^-?\d{1,15}(\.\d{1,6})?$/, 'must be a decimal number such as 1200 or 1200.50')

/** ISO 4217 */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a three-letter currency code such as EUR')

/** One of our deal stages as it comes in. Its label is its value but for the case. */
export const DealStageInput = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.enum(dealStages))
  .meta({ enum: [...dealStages] })

/** What goes wrong, in words for people and a code for programs. */
export const Failure = z.object({
  code: z.string(),
  message: z.string(),
  correlationId: z.string().nullable(),
})
export type Failure = z.infer<typeof Failure>

/** A route that takes no query. */
export const NoQuery = z.strictObject({})
