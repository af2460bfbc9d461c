import { z } from 'zod'
import { FieldMapping, StageMapping } from './mapping'
import { listOf } from './paging'
import { Id, Instant } from './primitives'

/** A mapping as it was stored once: what changed then, in words. */
export const MappingVersion = z.object({
  id: Id,
  kind: z.enum(['fields', 'stages']),
  at: Instant,
  /** `null`: it stood before anybody changed it */
  by: z.object({ id: Id, email: z.string() }).nullable(),
  changes: z.array(z.string()),
  /** It is the one that applies */
  current: z.boolean(),
})
export type MappingVersion = z.infer<typeof MappingVersion>
export const MappingVersions = listOf(MappingVersion)
export type MappingVersions = z.infer<typeof MappingVersions>

export const MappingRestored = z.object({
  version: MappingVersion,
  fieldMapping: FieldMapping.nullable(),
  stageMapping: StageMapping.nullable(),
  /** What could not be restored, since its field, property or stage is gone */
  leftOut: z.array(z.string()),
})
export type MappingRestored = z.infer<typeof MappingRestored>
