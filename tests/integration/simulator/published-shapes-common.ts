import { z } from 'zod'

/** What several published shapes are made of (published-shapes.ts). */
export const time = z.iso.datetime()
export const texts = z.record(z.string(), z.string())
const Next = z.strictObject({ after: z.string(), link: z.string().optional() })
export const Paging = z.strictObject({ next: Next.optional() })

const ErrorOfBatch = z.strictObject({
  status: z.string(),
  category: z.string(),
  message: z.string(),
  context: z.record(z.string(), z.array(z.string())),
  subCategory: z.unknown().optional(),
})
export const batchOf = <S extends z.ZodType>(result: S) =>
  z.strictObject({
    status: z.enum(['CANCELED', 'COMPLETE', 'PENDING', 'PROCESSING']),
    results: z.array(result),
    startedAt: time,
    completedAt: time,
    requestedAt: time.optional(),
    links: texts.optional(),
    numErrors: z.int().optional(),
    errors: z.array(ErrorOfBatch).optional(),
  })
export const all = <S extends z.ZodType>(result: S) => z.strictObject({ results: z.array(result) })
