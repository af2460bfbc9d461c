import type { ObjectId } from 'mongodb'
import type { DealField, LeadField } from '../../shared/leads/fields'
import type { Collections } from '../database/collections'
import type { FieldMappingDocument } from '../database/documents'
import type { ObjectType } from '../hubspot/crm-types'
import { fieldKinds } from '../leads/kinds'
import type { FieldRule } from '../sync/merge'
import { alwaysRead, defaultFields } from './defaults'

export interface FieldRules {
  lead: FieldRule[]
  deal: FieldRule[]
}

/** Which fields travel, as what and which way. */
export function createFieldMapping({ collections }: { collections: Collections }) {
  /** The partner's mapping, or the default until one is stored. */
  async function stored(partnerId: ObjectId): Promise<readonly FieldMappingDocument['fields'][number][]> {
    return (await collections.fieldMappings.findOne({ _id: partnerId }))?.fields ?? defaultFields
  }

  async function fieldsFor(partnerId: ObjectId): Promise<FieldRules> {
    const rules: FieldRules = { lead: [], deal: [] }
    for (const { object, field, property, direction, policy, type } of await stored(partnerId)) {
      const kind = fieldKinds[field as LeadField | DealField]
      if (kind !== undefined) rules[object].push({ field, property, direction, policy, kind, type })
    }
    return rules
  }

  return {
    stored,
    /** The rules of the merge, by object of ours. */
    fieldsFor,
    /** The HubSpot properties that a read of this object must ask for. */
    async propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> {
      const rules = (await fieldsFor(partnerId))[type === 'contacts' ? 'lead' : 'deal']
      return [...new Set([...alwaysRead[type], ...rules.map(rule => rule.property)])]
    },
  }
}
