import type { Property } from '#shared/contracts/mapping'

/** More than this nobody reads: the search narrows it. */
const mostShown = 50

/**
 * Properties whose label or name has all words of a query, those that begin with it first, then by
 * label.
 */
export function findProperties(
  properties: readonly Property[],
  query: string,
): { shown: Property[]; total: number } {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const [first = ''] = words
  const found = properties.flatMap(property => {
    const label = property.label.toLowerCase()
    const text = `${label} ${property.name}`
    if (!words.every(word => text.includes(word))) return []
    const isBeginning = label.startsWith(first) || property.name.startsWith(first)
    return [{ property, label, rank: isBeginning ? 0 : 1 }]
  })
  found.sort((one, other) => one.rank - other.rank || (one.label < other.label ? -1 : 1))
  return { shown: found.slice(0, mostShown).map(({ property }) => property), total: found.length }
}
