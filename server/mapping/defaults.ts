import type { DealField, LeadField } from '#shared/leads/fields'
import type { FieldMappingDocument } from '../database/documents'

type StoredField = FieldMappingDocument['fields'][number]

const lead = (
  field: LeadField,
  property: string,
  type = 'string',
  direction: StoredField['direction'] = 'both',
): StoredField => ({ object: 'lead', field, property, direction, policy: 'hubspot_wins', type })
const deal = (field: DealField, property: string, type: string): StoredField => ({
  object: 'deal',
  field,
  property,
  direction: 'both',
  policy: 'hubspot_wins',
  type,
})

/**
 * What applies until an admin stores a mapping. HubSpot wins a conflict: it is the partner's system
 * of record. The life cycle stage is inbound only: HubSpot lets it move forward only, so a
 * write could be refused for reasons that cannot be seen here.
 */
export const defaultFields: readonly StoredField[] = [
  lead('email', 'email'),
  lead('firstName', 'firstname'),
  lead('lastName', 'lastname'),
  lead('phone', 'phone'),
  lead('company', 'company'),
  lead('jobTitle', 'jobtitle'),
  lead('lifecycleStage', 'lifecyclestage', 'enumeration', 'in'),
  deal('name', 'dealname', 'string'),
  deal('amount', 'amount', 'number'),
  deal('currency', 'deal_currency_code', 'enumeration'),
  deal('closeDate', 'closedate', 'datetime'),
]
