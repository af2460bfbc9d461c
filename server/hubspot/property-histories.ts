import type { WireVersion } from './crm-answers'

/** Versions of an object's properties, by property. */
export type Histories = Record<string, WireVersion[]>

export function mapValues<V, R>(
  map: ReadonlyMap<string, V>,
  each: (value: V, key: string) => R,
): Map<string, R> {
  return new Map([...map].map(([key, value]) => [key, each(value, key)]))
}

/**
 * The newest instant of each property's versions, whatever order they come in.
 * @param texts by property: only versions with this text count, whatever was set since
 */
export function latestOf(
  histories: Histories,
  texts: Readonly<Record<string, string | null>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(histories).flatMap(([property, versions]) => {
      const isAsked = ({ value }: WireVersion) =>
        !Object.hasOwn(texts, property) || (value || null) === (texts[property] || null)
      const instants = versions
        .filter(isAsked)
        .map(version => Date.parse(version.timestamp))
        .filter(Number.isFinite)
      return instants.length === 0
        ? []
        : [[property, new Date(Math.max(...instants)).toISOString()]]
    }),
  )
}

/** Where an app's own writes come from, as HubSpot names it */
const fromApps = new Set(['INTEGRATION', 'API', 'INTEGRATIONS_PLATFORM'])

/**
 * The oldest value of each property. One that a person set first is left out: no app made the
 * object with it.
 */
export function initialOf(histories: Histories): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(histories).flatMap(([property, versions]) => {
      const [oldest] = [...versions].sort(
        (one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp),
      )
      return oldest && (!oldest.sourceType || fromApps.has(oldest.sourceType))
        ? [[property, oldest.value ?? null]]
        : []
    }),
  )
}
