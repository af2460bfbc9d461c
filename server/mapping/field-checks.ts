import type { FieldMappingEntry } from '#shared/contracts/mapping'
import { dealFields, leadFields } from '#shared/leads/fields'
import type { HubspotProperty } from '../hubspot/crm-types'
import { fieldKinds, type FieldKind } from '../records/fields'

type Issue = { path: string; message: string }

/**
 * HubSpot's property types that hold what a field of ours holds (docs/hubspot-platform.md#schema).
 */
const fittingTypes: Record<FieldKind, readonly string[]> = {
  text: ['string', 'phone_number', 'enumeration'],
  email: ['string'],
  phone: ['string', 'phone_number'],
  choice: ['string', 'enumeration'],
  currency: ['string', 'enumeration'],
  amount: ['number'],
  day: ['date', 'datetime'],
  instant: ['datetime', 'date'],
  boolean: ['bool', 'enumeration'],
  option: ['enumeration', 'string'],
  options: ['enumeration'],
}

/** Travel another way: by the stage mapping. */
const reserved = new Set(['pipeline', 'dealstage'])

/**
 * What is wrong with a field mapping: fields of the other object, one field or one property named
 * twice, properties that HubSpot does not have, cannot be written or hold something else.
 * @param properties HubSpot's, by our object
 */
export function fieldMappingIssues(
  fields: readonly FieldMappingEntry[],
  properties: Record<'lead' | 'deal', readonly HubspotProperty[]>,
): Issue[] {
  return fields.flatMap((entry, index): Issue[] => {
    const path = `fields.${index}`
    const own: readonly string[] = entry.object === 'lead' ? leadFields : dealFields
    if (!own.includes(entry.field))
      return [{ path: `${path}.field`, message: `is no field of a ${entry.object}` }]
    const earlier = fields.slice(0, index).filter(other => other.object === entry.object)
    if (earlier.some(other => other.field === entry.field))
      return [{ path: `${path}.field`, message: 'is mapped twice' }]
    if (earlier.some(other => other.property === entry.property))
      return [{ path: `${path}.property`, message: 'is mapped twice' }]
    const property = properties[entry.object].find(one => one.name === entry.property)
    if (!property) return [{ path: `${path}.property`, message: 'does not exist in HubSpot' }]
    if (entry.object === 'deal' && reserved.has(property.name))
      return [{ path: `${path}.property`, message: 'travels by the stage mapping' }]
    if (!fittingTypes[fieldKinds[entry.field]].includes(property.type))
      return [
        {
          path: `${path}.property`,
          message: `holds a ${property.type.replaceAll('_', ' ')}, which does not fit this field`,
        },
      ]
    if (entry.direction !== 'in' && !property.writable)
      return [
        { path: `${path}.direction`, message: 'HubSpot does not let this property be written' },
      ]
    if (entry.direction !== 'in' && property.fieldType === 'checkbox')
      return [
        {
          path: `${path}.direction`,
          message: 'holds several choices at once, which cannot be written from here',
        },
      ]
    return []
  })
}
