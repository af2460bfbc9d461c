import type { Connection } from '#shared/contracts/connection'
import type { Property } from '#shared/contracts/mapping'
import { formatInstant } from '../utils/format'
import { readableValue } from '../utils/own-values'
import { typeOfProperty } from '../utils/property-type'

/**
 * HubSpot's values as people read them: labels of choices, days, and instants in the account's time
 * zone, as HubSpot shows them (docs/hubspot-platform.md#dates).
 */
export function usePropertyValues() {
  const { dates } = useLocaleSettings()
  const connection = useState<Connection | null>('hubspot-connection', () => null)
  const words = {
    ...useValueWords(),
    instant: (at: string) =>
      formatInstant(at, dates.value, connection.value?.account?.timeZone ?? undefined),
  }
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
