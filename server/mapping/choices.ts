import type { ObjectId } from 'mongodb'
import type { KindName } from '../database/documents'
import type { Collections } from '../database/collections'
import { connectedPortalOf } from '../database/connected-portal'
import { kinds } from '../records/kinds'
import type { Choice } from '../records/own-values'
import type { FieldMapping } from './fields'
import { ownerName, type Schema } from './schema'

export interface ChoicesDeps {
  collections: Pick<Collections, 'partners'>
  schema: Pick<Schema, 'knownProperties' | 'knownPipelines' | 'knownOwners'>
  fields: Pick<FieldMapping, 'view'>
}

/**
 * What HubSpot offers for the mapped fields of a kind of record, and its names for owners, pipelines
 * and stages, as they were read last.
 */
export function createChoices({ collections, schema, fields }: ChoicesDeps) {
  /**
   * Asks HubSpot nothing: an edit does not wait for it.
   * @returns by field of the record as the API shows it; fields without choices, and those whose
   *   property is not known, are absent. A stage's value is `pipeline id:stage id`.
   */
  return async function choicesOf(
    partnerId: ObjectId,
    object: KindName,
  ): Promise<Record<string, readonly Choice[]>> {
    const partner = await collections.partners.findOne(
      { _id: partnerId },
      { projection: { 'hubspot_integration.portal_id': 1, 'hubspot_integration.status': 1 } },
    )
    const portalId = connectedPortalOf(partner?.hubspot_integration)
    if (!portalId) return {}
    const [mapped, known, owners, pipelines] = await Promise.all([
      fields.view(partnerId),
      schema.knownProperties(partnerId, portalId, kinds[object].hubspotType),
      schema.knownOwners(partnerId, portalId),
      object === 'deal' ? schema.knownPipelines(partnerId, portalId) : [],
    ])
    const choices: Record<string, readonly Choice[]> = {
      hubspotOwnerId: owners.map(owner => ({ value: owner.id, label: ownerName(owner) })),
      hubspotPipelineId: pipelines.map(({ id, label }) => ({ value: id, label })),
      hubspotStageId: pipelines.flatMap(pipeline =>
        pipeline.stages.map(({ id, label }) => ({ value: `${pipeline.id}:${id}`, label })),
      ),
    }
    for (const { field, property } of mapped.filter(entry => entry.object === object)) {
      const options = known?.find(({ name }) => name === property)?.options ?? []
      choices[field] = options.map(({ value, label }) => ({ value, label }))
    }
    return Object.fromEntries(Object.entries(choices).filter(([, options]) => options.length > 0))
  }
}
