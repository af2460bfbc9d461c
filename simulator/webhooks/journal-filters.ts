import { z } from 'zod'

const operators = [
  'CONTAINS',
  'ENDS_WITH',
  'EQ',
  'GT',
  'GTE',
  'IN',
  'IS_EMPTY',
  'IS_NOT_EMPTY',
  'LT',
  'LTE',
  'N_EQ',
  'NOT_IN',
  'STARTS_WITH',
] as const

export const JournalFilter = z.object({
  conditions: z
    .array(
      z.object({
        filterType: z.literal('CRM_OBJECT_PROPERTY'),
        property: z.string(),
        operator: z.enum(operators),
        value: z.string().optional(),
        values: z.array(z.string()).optional(),
      }),
    )
    .min(1),
})
export type JournalFilter = z.output<typeof JournalFilter>

type Condition = JournalFilter['conditions'][number]

const compared = (one: string, other: string) =>
  [one, other].every(text => text !== '' && !Number.isNaN(Number(text)))
    ? Number(one) - Number(other)
    : Number(one > other) - Number(one < other)

/** Whether a record's value meets a condition of a filter. */
function meets(now: string, { operator, value = '', values = [] }: Condition): boolean {
  const outcomes: Record<Condition['operator'], () => boolean> = {
    CONTAINS: () => now.includes(value),
    ENDS_WITH: () => now.endsWith(value),
    STARTS_WITH: () => now.startsWith(value),
    EQ: () => now === value,
    N_EQ: () => now !== value,
    IN: () => values.includes(now),
    NOT_IN: () => !values.includes(now),
    IS_EMPTY: () => now === '',
    IS_NOT_EMPTY: () => now !== '',
    GT: () => now !== '' && compared(now, value) > 0,
    GTE: () => now !== '' && compared(now, value) >= 0,
    LT: () => now !== '' && compared(now, value) < 0,
    LTE: () => now !== '' && compared(now, value) <= 0,
  }
  return outcomes[operator]()
}

/** Whether a record meets all conditions. */
export const passes = (
  { conditions }: JournalFilter,
  valueOf: (property: string) => string | null,
): boolean => conditions.every(condition => meets(valueOf(condition.property) ?? '', condition))
