import { z } from 'zod'
import { conflictPolicies, dealFields, fieldDirections, leadFields } from '../leads/fields'
import { FieldKey } from './fields'
import { dealStages } from '../leads/stages'
import { Instant } from './primitives'

const externalId = z.string().min(1).max(200)

export const StageMappingEntry = z.strictObject({
  pipelineId: externalId,
  stageId: externalId,
  stage: z.enum(dealStages),
  writeBack: z.boolean(),
})
export type StageMappingEntry = z.infer<typeof StageMappingEntry>

export const PipelineStage = z.object({
  id: z.string(),
  label: z.string(),
  probability: z.number().nullable(),
  isClosed: z.boolean(),
  isWon: z.boolean(),
  /** `false`: only HubSpot moves deals to it, so it cannot be written back to */
  writable: z.boolean(),
  dealCount: z.number().int(),
})
export const Pipeline = z.object({
  id: z.string(),
  label: z.string(),
  stages: z.array(PipelineStage),
})
export type Pipeline = z.infer<typeof Pipeline>
export const Pipelines = z.object({ pipelines: z.array(Pipeline) })
export type Pipelines = z.infer<typeof Pipelines>

export const StageDrift = z.object({
  pipelineId: z.string(),
  stageId: z.string(),
  /** The stage's name in HubSpot, or the one it had */
  label: z.string(),
  kind: z.enum(['renamed', 'archived', 'deleted', 'new', 'read_only']),
  since: Instant,
})
export type StageDrift = z.infer<typeof StageDrift>

export const StageMapping = z.object({
  pipelines: z.array(Pipeline),
  mapping: z.array(StageMappingEntry),
  suggestions: z.array(StageMappingEntry),
  /** Deals whose HubSpot stage has no mapping */
  unmapped: z.number().int(),
  drift: z.array(StageDrift),
})
export type StageMapping = z.infer<typeof StageMapping>
export const StageMappingPut = z.strictObject({ mapping: z.array(StageMappingEntry).max(1000) })
export type StageMappingPut = z.infer<typeof StageMappingPut>

/** A field that every partner has, or the key of one that an admin added */
const MappedField = z.union([z.enum([...leadFields, ...dealFields]), FieldKey])

export const FieldMappingEntry = z.strictObject({
  object: z.enum(['lead', 'deal']),
  field: MappedField,
  property: z.string().regex(/^[a-z0-9_]{1,100}$/, 'must be a HubSpot property name'),
  direction: z.enum(fieldDirections),
  policy: z.enum(conflictPolicies),
})
export type FieldMappingEntry = z.infer<typeof FieldMappingEntry>
export const FieldMapping = z.object({ fields: z.array(FieldMappingEntry) })
export type FieldMapping = z.infer<typeof FieldMapping>
export const FieldMappingPut = z.strictObject({ fields: z.array(FieldMappingEntry).max(250) })

export const Property = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  fieldType: z.string(),
  writable: z.boolean(),
  options: z.array(z.object({ label: z.string(), value: z.string() })),
})
export type Property = z.infer<typeof Property>
export const Properties = z.object({ properties: z.array(Property) })
export type Properties = z.infer<typeof Properties>
/**
 * People of the HubSpot account whom records can belong to. Empty where the account did not grant
 * to read them.
 */
export const Owner = z.object({ id: z.string(), name: z.string() })
export type Owner = z.infer<typeof Owner>
export const Owners = z.object({ owners: z.array(Owner) })

/** HubSpot's words for the mapped properties, their options and the deal stages. */
export const Labels = z.object({
  fields: z.array(
    z.object({
      object: z.enum(['lead', 'deal']),
      field: MappedField,
      property: z.string(),
      label: z.string(),
      /** `false`: its values come from HubSpot and are changed there */
      editable: z.boolean(),
      /** Why it pauses: its property is gone, may not be written, or holds something else now */
      paused: z.enum(['missing', 'read_only', 'retyped']).nullable(),
      /** Empty where any text is a value; hidden ones stand on records and are not offered */
      options: z.array(z.object({ label: z.string(), value: z.string(), hidden: z.boolean() })),
    }),
  ),
  stages: z.array(
    z.object({
      pipelineId: z.string(),
      pipeline: z.string(),
      stageId: z.string(),
      label: z.string(),
    }),
  ),
})
export type Labels = z.infer<typeof Labels>

const propertyName = z.string().regex(/^[a-z0-9_]{1,100}$/, 'must be a HubSpot property name')
/** Property names, with commas between them. */
export const SamplesQuery = z.strictObject({
  properties: z
    .string()
    .max(10_100)
    .transform(text => text.split(','))
    .pipe(z.array(propertyName).min(1).max(100)),
})
/** By property: up to three recent values, shortened. */
export const Samples = z.object({ samples: z.record(z.string(), z.array(z.string())) })
export type Samples = z.infer<typeof Samples>
export const PropertiesParams = z.strictObject({ object: z.enum(['contacts', 'deals']) })
