import type { ObjectId } from 'mongodb'
import type { FieldMappingEntry } from '#shared/contracts/mapping'
import type { DealField, LeadField } from '#shared/leads/fields'
import type { Collections } from '../database/collections'
import type { ObjectType } from '../hubspot/crm-types'
import { fieldKinds } from '../records/fields'
import { kindOfType } from '../records/kinds'
import type { FieldRules } from '../records/merge-field'
import { defaultFields } from './defaults'
import { accountZone } from './portal'
import { createFieldMappingRepository, type StoredField } from './repository'

/** Which fields are mapped to which properties, and in which direction. */
export function createFieldMapping({ collections }: { collections: Collections }) {
  const repository = createFieldMappingRepository(collections)

  /** The partner's mapping, or the default until one is stored. */
  async function stored(partnerId: ObjectId): Promise<readonly StoredField[]> {
    return (await repository.find(partnerId)) ?? defaultFields
  }

  /** The rules of the merge, by object of ours. */
  async function fieldsFor(partnerId: ObjectId): Promise<FieldRules> {
    const rules: FieldRules = { lead: [], deal: [] }
    const [fields, zone] = await Promise.all([
      stored(partnerId),
      accountZone(collections, partnerId),
    ])
    for (const { object, field, property, direction, policy, type } of fields) {
      rules[object].push({
        field,
        property,
        direction,
        policy,
        kind: fieldKinds[field as LeadField | DealField],
        type,
        zone,
      })
    }
    return rules
  }

  /** The HubSpot properties that a read of this object must ask for. */
  async function propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> {
    const { name, alwaysRead } = kindOfType(type)
    const rules = (await fieldsFor(partnerId))[name]
    return [...new Set([...alwaysRead, ...rules.map(rule => rule.property)])]
  }

  async function view(partnerId: ObjectId): Promise<FieldMappingEntry[]> {
    return (await stored(partnerId)).map(({ object, field, property, direction, policy }) => ({
      object,
      field: field as FieldMappingEntry['field'],
      property,
      direction,
      policy,
    }))
  }

  return { fieldsFor, propertiesToRead, view, store: repository.store }
}
export type FieldMapping = ReturnType<typeof createFieldMapping>
