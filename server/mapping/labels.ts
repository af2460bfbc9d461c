import type { ObjectId } from 'mongodb'
import type { Labels } from '#shared/contracts/mapping'
import type { Collections } from '../database/collections'
import type { FieldMapping } from './fields'
import { connectedPortal } from './portal'
import type { Schema } from './schema'

/** A list with more options is too long to choose from */
const maxOptions = 500

export interface LabelsDeps {
  collections: Collections
  schema: Schema
  fields: Pick<FieldMapping, 'view' | 'repository'>
}

/** HubSpot's labels of mapped properties and stages, shown instead of names and ids. */
export function createLabels({ collections, schema, fields }: LabelsDeps) {
  /** @throws {DomainError} `hubspot_not_connected`, and what keeps HubSpot from answering */
  return async function labels(partnerId: ObjectId): Promise<Labels> {
    const portalId = await connectedPortal(collections, partnerId)
    const [mapped, seen, lead, deal, pipelines] = await Promise.all([
      fields.view(partnerId),
      fields.repository.seen(partnerId),
      schema.properties(partnerId, portalId, 'contacts'),
      schema.properties(partnerId, portalId, 'deals'),
      schema.pipelines(partnerId, portalId),
    ])
    const properties = { lead, deal }
    return {
      fields: mapped.map(({ object, field, property, direction }) => {
        const known = properties[object].find(one => one.name === property)
        const options = (known?.options ?? [])
          .slice(0, maxOptions)
          .map(({ label, value, hidden }) => ({ label, value, hidden }))
        const editable = direction !== 'in'
        const drift = seen?.drift.find(one => one.object === object && one.property === property)
        const paused = drift?.kind ?? null
        return {
          object,
          field,
          property,
          label: known?.label ?? property,
          editable,
          paused,
          options,
        }
      }),
      stages: pipelines.flatMap(pipeline =>
        pipeline.stages.map(stage => ({
          pipelineId: pipeline.id,
          pipeline: pipeline.label,
          stageId: stage.id,
          label: stage.label,
        })),
      ),
    }
  }
}
