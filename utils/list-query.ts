import { dealSorts, leadSorts, syncStates } from '#shared/leads/fields'
import { dealStages } from '#shared/leads/stages'

/** A list's filters by the API's names, own fields as `filter[key]`; those that are set. */
export type ListFilters = Readonly<Record<string, string>>
type Kind = 'lead' | 'deal'

export const usualSort = '-updatedAt'
const day = /^\d{4}-\d{2}-\d{2}$/
const owner = /^(none|\d{1,20})$/
const ownSort = /^-?[a-z][a-z0-9_]{0,39}$/
const ownFilter = /^filter\[[a-z][a-z0-9_]{0,39}\]$/
const within = (values: readonly string[]) => (value: string) => values.includes(value)
const matches = (pattern: RegExp) => (value: string) => pattern.test(value)
const upTo = (length: number) => (value: string) => value.trim() !== '' && value.length <= length

type Checks = Readonly<Record<string, (value: string) => boolean>>
const shared: Checks = {
  q: upTo(200),
  syncState: within(syncStates),
  owner: matches(owner),
  createdFrom: matches(day),
  createdTo: matches(day),
  updatedFrom: matches(day),
  updatedTo: matches(day),
}
const checks: Record<Kind, Checks> = {
  lead: { ...shared, lifecycle: upTo(100) },
  deal: {
    ...shared,
    stage: within([...dealStages, 'unmapped']),
    pipeline: matches(/^[\w-]{1,100}$/),
    closeFrom: matches(day),
    closeTo: matches(day),
  },
}
const sorts: Record<Kind, readonly string[]> = { lead: leadSorts, deal: dealSorts }

function checkOf(kind: Kind, name: string) {
  if (ownFilter.test(name)) return upTo(300)
  return Object.hasOwn(checks[kind], name) ? checks[kind][name] : undefined
}

/** @returns the filters that an address names and that this list has; the rest is left out */
export function readFilters(kind: Kind, query: Readonly<Record<string, unknown>>): ListFilters {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => {
      if (typeof value !== 'string' && typeof value !== 'number') return []
      const text = String(value)
      return checkOf(kind, name)?.(text) ? [[name, text]] : []
    }),
  )
}

/** @returns the order that an address names, or the usual one */
export function readSort(kind: Kind, value: unknown): string {
  if (typeof value !== 'string') return usualSort
  const name = value.replace(/^-/, '')
  return sorts[kind].includes(name) || ownSort.test(value) ? value : usualSort
}

/** @returns the order after its column's header was pressed */
export function nextSort(sort: string, column: string): string {
  return sort === column ? `-${column}` : column
}

/** @returns whether two queries ask for the same */
export function sameQuery(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean {
  const text = (query: Readonly<Record<string, unknown>>) =>
    JSON.stringify(
      Object.entries(query)
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => [name, String(value)])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    )
  return text(one) === text(other)
}
