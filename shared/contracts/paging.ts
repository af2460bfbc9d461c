import { z } from 'zod'

/** Items of a page of a list where the request asks for no other number */
const defaultPageSize = 25
const maxPageSize = 100

/** Opaque; made by `server/database/cursor.ts`. */
export const Cursor = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\w-]+$/)

/** Query of every list. */
export const ListQuery = z.strictObject({
  /** Decimal digits only: `1e1`, `0x10` and ` 5` are no numbers here */
  limit: z
    .string()
    .refine(text => /^\d{1,3}$/.test(text), `must be a whole number from 1 to ${maxPageSize}`)
    .meta({ type: 'integer', minimum: 1, maximum: maxPageSize })
    .pipe(z.coerce.number<string>().int().min(1).max(maxPageSize))
    .default(defaultPageSize),
  cursor: Cursor.optional(),
})

/**
 * Answer of every list.
 * @param item schema of one item
 */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.number().int().nullable(),
  })
}
