import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import { createFieldMapping } from './fields'
import { createStageRules, type StageRules } from './stage-rules'

export interface MappingDeps {
  collections: Collections
}

/** What of HubSpot's is what of ours: fields and stages. */
export function createMapping({ collections }: MappingDeps) {
  const fields = createFieldMapping({ collections })
  return {
    fieldsFor: fields.fieldsFor,
    propertiesToRead: fields.propertiesToRead,
    /** The stage mapping as the merge asks it. Nothing is mapped until an admin accepts a mapping. */
    async stagesFor(partnerId: ObjectId, portalId: string): Promise<StageRules> {
      const stored = await collections.stageMappings.findOne({ _id: `${partnerId.toHexString()}:${portalId}` })
      return createStageRules(stored?.mapping ?? [])
    },
  }
}
export type Mapping = ReturnType<typeof createMapping>
