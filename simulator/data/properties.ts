import { objectTypes, type ObjectType } from './object-types'

export type PropertyType =
  'string' | 'number' | 'date' | 'datetime' | 'enumeration' | 'bool' | 'phone_number'

export interface PropertyOption {
  label: string
  value: string
  displayOrder: number
  hidden: boolean
  description: string
}

/** A property as `GET /crm/properties/…` describes it. */
export interface PropertyDefinition {
  name: string
  label: string
  type: PropertyType
  fieldType: string
  description: string
  groupName: string
  options: PropertyOption[]
  displayOrder: number
  calculated: boolean
  externalOptions: boolean
  hasUniqueValue: boolean
  hidden: boolean
  hubspotDefined: boolean
  modificationMetadata: {
    archivable: boolean
    readOnlyDefinition: boolean
    readOnlyOptions?: boolean
    readOnlyValue: boolean
  }
  formField: boolean
  archived: boolean
  createdAt: string
  updatedAt: string
}

/** A group as `GET /crm/properties/…/groups` describes it. */
export interface PropertyGroup {
  name: string
  label: string
  displayOrder: number
  archived: boolean
}

/** The one group that the properties of an object start in. */
export function defaultGroups(object: ObjectType): PropertyGroup[] {
  const { group, singular } = objectTypes[object]
  const label = `${singular[0]?.toUpperCase()}${singular.slice(1)} information`
  return [{ name: group, label, displayOrder: 0, archived: false }]
}

export interface PropertyTraits {
  options?: readonly (readonly [value: string, label: string])[]
  readOnly?: boolean
  calculated?: boolean
  unique?: boolean
  custom?: boolean
  fieldType?: string
}

const defaultFieldTypes: Record<PropertyType, string> = {
  string: 'text',
  number: 'number',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  bool: 'booleancheckbox',
  phone_number: 'phonenumber',
}

/** Makes a definition the way HubSpot would list it. */
export function defineProperty(
  object: ObjectType,
  name: string,
  label: string,
  type: PropertyType,
  traits: PropertyTraits = {},
): PropertyDefinition {
  const readOnly = traits.readOnly === true || traits.calculated === true
  return {
    name,
    label,
    type,
    fieldType:
      traits.fieldType ?? (traits.calculated ? 'calculation_equation' : defaultFieldTypes[type]),
    description: '',
    groupName: objectTypes[object].group,
    options: (traits.options ?? []).map(([value, text], displayOrder) => ({
      label: text,
      value,
      displayOrder,
      hidden: false,
      description: '',
    })),
    displayOrder: -1,
    calculated: traits.calculated === true,
    externalOptions: name === 'hubspot_owner_id',
    hasUniqueValue: traits.unique === true,
    hidden: false,
    hubspotDefined: !traits.custom,
    modificationMetadata: {
      archivable: traits.custom === true,
      readOnlyDefinition: !traits.custom,
      ...(type === 'enumeration' ? { readOnlyOptions: false } : {}),
      readOnlyValue: readOnly,
    },
    formField: !readOnly,
    archived: false,
    createdAt: '2024-01-08T07:00:00Z',
    updatedAt: '2024-01-08T07:00:00Z',
  }
}
