import { z } from 'zod'
import { DealsFilter, LeadsFilter } from './lists'
import { listOf } from './paging'
import { Id } from './primitives'

/** A list's query and columns under a name. */
export const SavedView = z.object({
  id: Id,
  name: z.string(),
  object: z.enum(['lead', 'deal']),
  /** The list's own query, without `limit` and `cursor` */
  query: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Columns in their order; `null`: those that everybody sees */
  columns: z.array(z.string()).nullable(),
  /** Everybody of the organisation sees it */
  shared: z.boolean(),
  createdBy: z.object({ id: Id, email: z.string() }),
})
export type SavedView = z.infer<typeof SavedView>

/** One's own views, and those that others shared. */
export const SavedViewList = listOf(SavedView)
export type SavedViewList = z.infer<typeof SavedViewList>

export const SavedViewsQuery = z.strictObject({ object: z.enum(['lead', 'deal']).optional() })
export type SavedViewsQuery = z.infer<typeof SavedViewsQuery>

const named = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters'),
  columns: z
    .array(z.string().regex(/^[\w.[\]-]{1,60}$/, 'is no column'))
    .max(150)
    .nullable()
    .default(null),
  shared: z.boolean().default(false),
}
export const SavedViewBody = z.discriminatedUnion('object', [
  z.strictObject({ ...named, object: z.literal('lead'), query: LeadsFilter }),
  z.strictObject({ ...named, object: z.literal('deal'), query: DealsFilter }),
])
export type SavedViewBody = z.infer<typeof SavedViewBody>
