import type { FieldMappingEntry } from '#shared/contracts/mapping'
import { dealFields, leadFields } from '#shared/leads/fields'
import type { HubspotProperty } from '../hubspot/crm-types'
import { fieldKinds, ownFieldKinds, type FieldKind } from '../records/fields'
import type { FieldsSeenDocument, KindName, OwnFieldDocument } from '../database/documents'
import type { StoredField } from './repository'

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

export type FieldTrouble = FieldsSeenDocument['drift'][number]['kind']

/** What happened to a property, as it follows on its name in a sentence. */
export const fieldTroubles: Record<FieldTrouble, string> = {
  missing: 'does not exist any more',
  read_only: 'may not be written any more',
  retyped: 'holds another type of value',
}

/**
 * Why a mapped property cannot be used as HubSpot has it now.
 * @param property as HubSpot describes it now; `undefined` where it has none of that name
 * @returns `missing` and `retyped` stop both directions, `read_only` the one to HubSpot
 */
export function fieldTrouble(
  entry: StoredField,
  property: HubspotProperty | undefined,
): FieldTrouble | null {
  if (!property) return 'missing'
  const kind = entry.own
    ? ownFieldKinds[entry.own]
    : fieldKinds[entry.field as keyof typeof fieldKinds]
  const [found] = mismatch(entry, kind, property)
  if (!found) return null
  return found.path === 'direction' ? 'read_only' : 'retyped'
}

/** Travel another way: by the stage mapping. */
const reserved = new Set(['pipeline', 'dealstage'])

type Mapped = Pick<FieldMappingEntry, 'object' | 'field' | 'property' | 'direction'>
type OwnFields = readonly Pick<OwnFieldDocument, 'object' | 'key' | 'type'>[]

/** @returns what the field holds, `undefined` when the object has no such field */
function kindOf({ object, field }: Pick<Mapped, 'object' | 'field'>, own: OwnFields) {
  const builtIn: readonly string[] = object === 'lead' ? leadFields : dealFields
  if (builtIn.includes(field)) return fieldKinds[field as keyof typeof fieldKinds]
  const added = own.find(one => one.object === object && one.key === field)
  return added && ownFieldKinds[added.type]
}

/**
 * What is wrong with a field mapping: fields of the other object, one field or one property named
 * twice, properties that HubSpot does not have, cannot be written or hold something else.
 * @param properties HubSpot's, by our object
 * @param own the fields that admins added
 * @param before the mapping as it is stored: what is kept of it may pause
 */
export function fieldMappingIssues(
  fields: readonly Mapped[],
  properties: Record<KindName, readonly HubspotProperty[]>,
  own: OwnFields,
  before: readonly StoredField[] = [],
): Issue[] {
  return fields.flatMap((entry, index): Issue[] => {
    const path = `fields.${index}`
    const kind = kindOf(entry, own)
    if (!kind) return [{ path: `${path}.field`, message: `is no field of a ${entry.object}` }]
    const earlier = fields.slice(0, index).filter(other => other.object === entry.object)
    if (earlier.some(other => other.field === entry.field))
      return [{ path: `${path}.field`, message: 'is mapped twice' }]
    if (earlier.some(other => other.property === entry.property))
      return [{ path: `${path}.property`, message: 'is mapped twice' }]
    const property = properties[entry.object].find(one => one.name === entry.property)
    const kept = before.find(
      one =>
        one.object === entry.object &&
        one.field === entry.field &&
        one.property === entry.property &&
        one.direction === entry.direction,
    )
    // It is stored already and pauses: that must not keep the others from being changed.
    if (kept && fieldTrouble(kept, property) !== null) return []
    if (!property) return [{ path: `${path}.property`, message: 'does not exist in HubSpot' }]
    return mismatch(entry, kind, property).map(({ path: part, message }) => ({
      path: `${path}.${part}`,
      message,
    }))
  })
}

/** What keeps a field that holds this kind of value from travelling as this property. */
function mismatch(entry: Mapped, kind: FieldKind, property: HubspotProperty): Issue[] {
  if (entry.object === 'deal' && reserved.has(property.name))
    return [{ path: 'property', message: 'travels by the stage mapping' }]
  if (!fittingTypes[kind].includes(property.type))
    return [
      {
        path: 'property',
        message: `holds a ${property.type.replaceAll('_', ' ')}, which does not fit this field`,
      },
    ]
  if (entry.direction !== 'in' && !property.writable)
    return [{ path: 'direction', message: 'HubSpot does not let this property be written' }]
  if (entry.direction !== 'in' && property.fieldType === 'checkbox' && kind !== 'options')
    return [
      {
        path: 'direction',
        message: 'holds several choices at once, which this field cannot hold',
      },
    ]
  if (kind === 'options' && property.fieldType !== 'checkbox')
    return [{ path: 'property', message: 'holds one choice, and this field holds several' }]
  return []
}
