import { z } from 'zod'
import { conflictPolicies, fieldDirections, ownFieldTypes } from '../leads/fields'
import { listOf } from './paging'
import { Id, Instant } from './primitives'

/** The name of an own field in the API: made from its first label, and stable. */
export const FieldKey = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be a key such as budget or renewal_date')

export const FieldOption = z.object({ value: z.string(), label: z.string() })

/** A field that an admin added to leads or deals. */
export const Field = z.object({
  id: Id,
  object: z.enum(['lead', 'deal']),
  key: FieldKey,
  label: z.string(),
  type: z.enum(ownFieldTypes),
  /** What can be chosen; empty for other types */
  options: z.array(FieldOption),
  /** HubSpot's property that it is mapped to */
  property: z.string().nullable(),
  direction: z.enum(fieldDirections),
  policy: z.enum(conflictPolicies),
})
export type Field = z.infer<typeof Field>

/** It can be taken back until `restorableUntil`. */
export const DeletedField = Field.extend({ deletedAt: Instant, restorableUntil: Instant })
export type DeletedField = z.infer<typeof DeletedField>

export const FieldList = listOf(Field).extend({ deleted: z.array(DeletedField) })
export type FieldList = z.infer<typeof FieldList>

const label = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
const options = z
  .array(
    z.strictObject({
      value: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .regex(/^[^;\p{Cc}]*$/u, 'must not contain semicolons or control characters'),
      label,
    }),
  )
  .max(500)
  .refine(
    all => new Set(all.map(option => option.value)).size === all.length,
    'names a value twice',
  )
const property = z.string().regex(/^[a-z0-9_]{1,100}$/, 'must be a HubSpot property name')

export const FieldCreate = z
  .strictObject({
    object: z.enum(['lead', 'deal']),
    /** HubSpot's label of the property unless given */
    label: label.optional(),
    /** Type and options are then those of HubSpot's definition */
    property: property.nullable().optional(),
    type: z.enum(ownFieldTypes).optional(),
    options: options.optional(),
    direction: z.enum(fieldDirections).optional(),
    policy: z.enum(conflictPolicies).optional(),
  })
  .refine(field => Boolean(field.property) || field.type !== undefined, {
    path: ['type'],
    message: 'a type or a HubSpot property is needed',
  })
  .refine(field => Boolean(field.property) || field.label !== undefined, {
    path: ['label'],
    message: 'is needed',
  })
export type FieldCreate = z.infer<typeof FieldCreate>

export const FieldPatch = z.strictObject({
  label: label.optional(),
  options: options.optional(),
  /** `null` ends the mapping */
  property: property.nullable().optional(),
  direction: z.enum(fieldDirections).optional(),
  policy: z.enum(conflictPolicies).optional(),
})
export type FieldPatch = z.infer<typeof FieldPatch>

export const FieldDeleteQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).optional() })

/** What deleting a field takes away, and until when it can be taken back. */
export const FieldLoss = z.object({
  field: Field,
  /** Leads or deals that have a value */
  records: z.number().int(),
  deleted: z.boolean(),
  restorableUntil: Instant,
  message: z.string(),
})
export type FieldLoss = z.infer<typeof FieldLoss>

/** A record's value of an own field; numbers as decimal strings. */
export const OwnValue = z.union([z.string(), z.boolean(), z.array(z.string()), z.null()])
export type OwnValue = z.infer<typeof OwnValue>
export const OwnValues = z.record(z.string(), OwnValue)

/** By key. Choices are taken by value or label. Which values fit hangs on the field. */
export const OwnValuesInput = z.record(
  FieldKey,
  z.union([
    z.string().max(20_000),
    z.number(),
    z.boolean(),
    z.array(z.string().max(200)).max(500),
    z.null(),
  ]),
)
export type OwnValueInput = z.infer<typeof OwnValuesInput>[string]
