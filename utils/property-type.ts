import type { Property } from '#shared/contracts/mapping'
import type { OwnFieldType } from '#shared/leads/fields'

/** What a property holds, as our own fields say it. */
export function typeOfProperty({
  type,
  fieldType,
}: Pick<Property, 'type' | 'fieldType'>): OwnFieldType {
  if (type === 'enumeration') return fieldType === 'checkbox' ? 'choices' : 'choice'
  if (type === 'bool') return 'boolean'
  return type === 'number' || type === 'date' || type === 'datetime' ? type : 'text'
}
