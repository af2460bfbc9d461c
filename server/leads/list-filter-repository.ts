import { ObjectId, type Document, type Filter } from 'mongodb'
import type { AnyRecord } from '../database/documents'
import type { Order } from '../database/paging'
import type { RecordKind } from '../records/kinds'
import { queryWords } from '../records/search-words'
import { listColumns, type FilterColumn } from './list-fields'

/** A list's query as the API takes it: `q`, and filters by their names. */
export type ListFilter = Readonly<Record<string, string | number | undefined>>

/** One condition of a query, and the index that finds what it asks for. */
export interface Condition {
  filter: Document
  index: string
  /** The index has what it finds in this order too */
  ordered(order: Order): boolean
}

/** What a list's query asks for, own fields left out. */
export function conditionsOf(kind: RecordKind, { q, ...query }: ListFilter): Condition[] {
  const { filters } = listColumns[kind.name]
  const words = queryWords(String(q ?? '')).map((word): Condition => ({
    filter: { search: new RegExp(`^${escapeRegExp(word)}`) },
    index: 'search_words',
    ordered: () => false,
  }))
  // Both ends of a range are one condition: one stretch of its index.
  const byField = new Map<string, { column: FilterColumn; filter: Document }>()
  for (const [name, value] of Object.entries(query)) {
    const column = filters[name]
    if (value === undefined || !column) continue
    const known = byField.get(column.field)?.filter[column.field] as Document | undefined
    const compared = comparison(column, String(value))
    byField.set(column.field, {
      column,
      filter: {
        [column.field]: isRange(column) ? { ...known, ...(compared as object) } : compared,
      },
    })
  }
  const compared = [...byField.values()].map(
    ({ column: { index, sortedBy }, filter }): Condition => ({
      filter,
      index,
      ordered: order => index === order.index || sortedBy === order.field,
    }),
  )
  return [...compared, ...words]
}

const isRange = ({ match }: FilterColumn) => match !== 'equals'

function comparison({ match, holds, none }: FilterColumn, value: string): unknown {
  if (match === 'equals')
    return value === none ? null : holds === 'id' ? new ObjectId(value) : value
  if (holds === 'text') return match === 'from' ? { $gte: value } : { $lte: value, $gt: '' }
  const isDay = value.length === 'YYYY-MM-DD'.length
  const at = new Date(isDay ? `${value}T00:00:00.000Z` : value)
  if (match === 'from') return { $gte: at }
  return isDay ? { $lt: new Date(at.getTime() + 24 * 60 * 60 * 1000) } : { $lte: at }
}

/**
 * All conditions as one filter. Of several words one is looked for by the index, the others in a
 * form that no index serves, so that the planner cannot choose a commoner one.
 */
export function allOf(
  partnerId: ObjectId,
  conditions: readonly Pick<Condition, 'filter'>[],
  chosen?: Pick<Condition, 'filter'>,
): Filter<AnyRecord> {
  const plain: Document[] = []
  const others: Document[] = []
  for (const condition of conditions) {
    if ('search' in condition.filter && condition !== chosen)
      others.push({ search: { $not: condition.filter.search as RegExp } })
    else plain.push(condition.filter)
  }
  return {
    partner_id: partnerId,
    ...(plain.length > 0 ? { $and: plain } : {}),
    ...(others.length > 0 ? { $nor: others } : {}),
  }
}

/** What a person typed is text to look for, never a pattern. */
function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
