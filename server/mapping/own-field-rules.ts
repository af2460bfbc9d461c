import type { FieldDirection, OwnFieldType } from '#shared/leads/fields'
import type { HubspotProperty } from '../hubspot/crm-types'
import type { RecordKind } from '../records/kinds'
import type { OwnField } from '../records/own-values'
import { ValidationFailed } from '../errors'
import type { OwnFieldDocument } from '../database/documents'
import { fieldMappingIssues } from './field-checks'
import type { StoredField } from './repository'

/** Names that mean something else in a record, a list or JavaScript. */
const reservedKeys = new Set(['id', 'stage', 'sync', 'revision', 'fields', 'constructor', 'owner'])

const longestKey = 40

/**
 * Keys for a field of this label, the best first: each of them fits, none is a built-in field.
 * @example `Renewal date (EU)` → `renewal_date_eu`, `renewal_date_eu_2`, …
 */
export function keysFor(label: string, { fields }: Pick<RecordKind, 'fields'>): string[] {
  const words = label
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, longestKey)
    .replace(/_+$/, '')
  const base = words === '' ? 'field' : words
  const taken = (key: string) =>
    reservedKeys.has(key) || fields.some(field => field.toLowerCase() === key)
  const numbered = Array.from({ length: 300 }, (_, index) => {
    const suffix = `_${index + 2}`
    return `${base.slice(0, longestKey - suffix.length)}${suffix}`
  })
  return [base, ...numbered].filter(key => !taken(key))
}

/** What a field of ours that takes this property holds (docs/hubspot-platform.md#schema). */
export function typeOf({ type, fieldType }: HubspotProperty): OwnFieldType {
  switch (type) {
    case 'number':
    case 'date':
    case 'datetime':
      return type
    case 'bool':
      return 'boolean'
    case 'enumeration':
      if (fieldType === 'booleancheckbox') return 'boolean'
      return fieldType === 'checkbox' ? 'choices' : 'choice'
    default:
      return 'text'
  }
}

export const directionOf = ({ writable }: HubspotProperty): FieldDirection =>
  writable ? 'both' : 'in'

const longestOption = 500

/** What can be chosen in HubSpot, for a field that holds choices. */
export function optionsOf(type: OwnFieldType, property: HubspotProperty): OwnField['options'] {
  if (type !== 'choice' && type !== 'choices') return []
  return property.options
    .filter(option => !option.hidden && option.value !== '')
    .slice(0, longestOption)
    .map(({ value, label }) => ({ value, label }))
}

/**
 * The mapping of a field to a property.
 * @param others the partner's other mappings
 * @throws {ValidationFailed} the property does not fit the field, or another field has it
 */
export function mappedEntry(
  field: Omit<OwnFieldDocument, 'place'>,
  property: HubspotProperty,
  others: readonly StoredField[],
): StoredField {
  const { object, key, direction, policy, type } = field
  if (others.some(other => other.object === object && other.property === property.name))
    throw new ValidationFailed([{ path: 'property', message: 'is mapped to another field' }])
  const entry: StoredField = {
    object,
    field: key,
    property: property.name,
    direction,
    policy,
    type: property.type,
    own: type,
  }
  const issues = fieldMappingIssues([entry], { lead: [property], deal: [property] }, [field])
  if (issues.length > 0)
    throw new ValidationFailed(
      issues.map(issue => ({ ...issue, path: issue.path.replace('fields.0.', '') })),
    )
  return entry
}
