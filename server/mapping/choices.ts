import type { ObjectId } from 'mongodb'
import type { KindName } from '../database/documents'
import type { Collections } from '../database/collections'
import { connectedPortalOf } from '../database/connected-portal'
import { kinds } from '../records/kinds'
import type { Choice } from '../records/own-values'
import type { FieldMapping } from './fields'
import type { Schema } from './schema'

export interface ChoicesDeps {
  collections: Pick<Collections, 'partners'>
  schema: Pick<Schema, 'knownProperties'>
  fields: Pick<FieldMapping, 'view'>
}

/** What HubSpot offers for the mapped fields of a kind of record, as it was read last. */
export function createChoices({ collections, schema, fields }: ChoicesDeps) {
  /**
   * Asks HubSpot nothing: an edit does not wait for it.
   * @returns by field; fields without choices, and those whose property is not known, are absent
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
    const [mapped, known] = await Promise.all([
      fields.view(partnerId),
      schema.knownProperties(partnerId, portalId, kinds[object].hubspotType),
    ])
    return Object.fromEntries(
      mapped
        .filter(entry => entry.object === object)
        .map(({ field, property }) => {
          const options = known?.find(({ name }) => name === property)?.options ?? []
          return [field, options.map(({ value, label }) => ({ value, label }))] as const
        })
        .filter(([, options]) => options.length > 0),
    )
  }
}
