import { z } from 'zod'
import { dealSorts, leadSorts, syncStates } from '../leads/fields'
import { ListQuery } from './paging'
import { CalendarDay, DealStageInput, Id, Instant } from './primitives'

/** Names of columns, each also with `-` before it for the descending order. */
function sortBy<T extends string>(columns: readonly T[]) {
  const names = columns.flatMap(column => [column, `-${column}`] as const)
  return z.enum(names as [T | `-${T}`, ...(T | `-${T}`)[]])
}

/** A day means the whole day in UTC, at both ends of a range. */
const Moment = z.union([CalendarDay, Instant])
/** By id or by what people call it */
const Name = z.string().trim().min(1).max(200)
/** `none`: records that have no owner in HubSpot */
const Owner = z.union([z.literal('none'), Name])

const leadFilters = {
  q: z.string().trim().max(200).optional(),
  syncState: z.enum(syncStates).optional(),
  owner: Owner.optional(),
  /** A lifecycle stage by its value or label; `none`: no stage */
  lifecycle: Name.optional(),
  createdFrom: Moment.optional(),
  createdTo: Moment.optional(),
  updatedFrom: Moment.optional(),
  updatedTo: Moment.optional(),
}
const dealFilters = {
  q: z.string().trim().max(200).optional(),
  leadId: Id.optional(),
  stage: z.union([z.literal('unmapped'), DealStageInput]).optional(),
  syncState: z.enum(syncStates).optional(),
  /** A pipeline of HubSpot's */
  pipeline: Name.optional(),
  owner: Owner.optional(),
  createdFrom: Moment.optional(),
  createdTo: Moment.optional(),
  updatedFrom: Moment.optional(),
  updatedTo: Moment.optional(),
  closeFrom: CalendarDay.optional(),
  closeTo: CalendarDay.optional(),
}
/** Own fields are sorted by their key. */
const ownSort = z.string().regex(/^-?[a-z][a-z0-9_]{0,39}$/, 'is no column of this list')
const leadSort = z.union([sortBy(leadSorts), ownSort])
const dealSort = z.union([sortBy(dealSorts), ownSort])

const ownFilter = /^filter\[([a-z][a-z0-9_]{0,39})\]$/

/** @returns the key of the own field that a query's name filters by, `filter[key]` */
export function filteredKey(name: string): string | undefined {
  return ownFilter.exec(name)?.[1]
}

/** Takes `filter[key]=value` beside the filters that every partner has. */
function withOwnFilters<S extends z.ZodRawShape>(shape: z.ZodObject<S>) {
  return shape
    .catchall(z.union([z.string().max(300), z.number()]).optional())
    .superRefine((query, context) => {
      for (const name of Object.keys(query))
        if (!(name in shape.shape) && filteredKey(name) === undefined)
          context.addIssue({ code: 'unrecognized_keys', keys: [name], input: query, path: [name] })
    })
}

export const LeadsQuery = withOwnFilters(
  ListQuery.extend({ ...leadFilters, sort: leadSort.default('-updatedAt') }),
)
export type LeadsQuery = z.infer<typeof LeadsQuery>
export const DealsQuery = withOwnFilters(
  ListQuery.extend({ ...dealFilters, sort: dealSort.default('-updatedAt') }),
)
export type DealsQuery = z.infer<typeof DealsQuery>

/** Which records of a list, without a page of it: for an export or an edit of many. */
export const LeadsFilter = withOwnFilters(
  z.strictObject({ ...leadFilters, sort: leadSort.optional() }),
)
export type LeadsFilter = z.infer<typeof LeadsFilter>
export const DealsFilter = withOwnFilters(
  z.strictObject({ ...dealFilters, sort: dealSort.optional() }),
)
export type DealsFilter = z.infer<typeof DealsFilter>
