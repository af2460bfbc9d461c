import { z } from 'zod'
import { dealSorts, leadSorts, syncStates } from '../leads/fields'
import { dealStages } from '../leads/stages'
import { CalendarDay, Id, Instant, ListQuery } from './primitives'

/** Names of columns, each also with `-` before it for the descending order. */
function sortBy<T extends string>(columns: readonly T[]) {
  const names = columns.flatMap(column => [column, `-${column}`] as const)
  return z.enum(names as [T | `-${T}`, ...(T | `-${T}`)[]])
}

/** A day means the whole day in UTC, at both ends of a range. */
const Moment = z.union([CalendarDay, Instant])
/** `none`: records that have no owner in HubSpot */
const Owner = z.union([z.literal('none'), z.string().regex(/^\d{1,20}$/)])

const leadFilters = {
  q: z.string().trim().max(200).optional(),
  syncState: z.enum(syncStates).optional(),
  owner: Owner.optional(),
  /** A lifecycle stage by HubSpot's name for it; `none`: no stage */
  lifecycle: z.string().trim().min(1).max(100).optional(),
  createdFrom: Moment.optional(),
  createdTo: Moment.optional(),
  updatedFrom: Moment.optional(),
  updatedTo: Moment.optional(),
}
const dealFilters = {
  q: z.string().trim().max(200).optional(),
  leadId: Id.optional(),
  stage: z.union([z.enum(dealStages), z.literal('unmapped')]).optional(),
  syncState: z.enum(syncStates).optional(),
  /** A pipeline by HubSpot's id */
  pipeline: z
    .string()
    .regex(/^[\w-]{1,100}$/, "must be a pipeline's id")
    .optional(),
  owner: Owner.optional(),
  createdFrom: Moment.optional(),
  createdTo: Moment.optional(),
  updatedFrom: Moment.optional(),
  updatedTo: Moment.optional(),
  closeFrom: CalendarDay.optional(),
  closeTo: CalendarDay.optional(),
}
const leadSort = sortBy(leadSorts)
const dealSort = sortBy(dealSorts)

export const LeadsQuery = ListQuery.extend({
  ...leadFilters,
  sort: leadSort.default('-updatedAt'),
})
export type LeadsQuery = z.infer<typeof LeadsQuery>
export const DealsQuery = ListQuery.extend({
  ...dealFilters,
  sort: dealSort.default('-updatedAt'),
})
export type DealsQuery = z.infer<typeof DealsQuery>

/** Which records of a list, without a page of it: for an export or an edit of many. */
export const LeadsFilter = z.strictObject({ ...leadFilters, sort: leadSort.optional() })
export type LeadsFilter = z.infer<typeof LeadsFilter>
export const DealsFilter = z.strictObject({ ...dealFilters, sort: dealSort.optional() })
export type DealsFilter = z.infer<typeof DealsFilter>
