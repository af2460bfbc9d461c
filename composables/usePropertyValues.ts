import type { Property } from '#shared/contracts/mapping'
import { readableValue } from '../utils/own-values'
import { typeOfProperty } from '../utils/property-type'

/** HubSpot's values as people read them: labels of choices, days, instants. */
export function usePropertyValues() {
  const words = useValueWords()
  return (property: Property, text: string): string =>
    readableValue(
      { type: typeOfProperty(property), options: property.options },
      // HubSpot writes days and instants as milliseconds at times (docs/hubspot-platform.md).
      /^\d{12,14}$/.test(text) && property.type.startsWith('date')
        ? new Date(Number(text)).toISOString()
        : text,
      words,
    )
}
