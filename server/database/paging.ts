import {
  Decimal128,
  type Collection,
  type CollationOptions,
  type Document,
  type Filter,
  type ObjectId,
  type WithId,
} from 'mongodb'
import { ValidationFailed } from '../errors'
import type { Position, SortValue } from './cursor'

/** Letters are sorted as in a telephone book, large and small ones together, in every script. */
export const asPeopleSort: CollationOptions = { locale: 'en', strength: 2 }

/** How a list is sorted. Records with the same value are sorted by their ids. */
export interface Order {
  /** Path in the document */
  field: string
  descending: boolean
  /** Name of the index that has this order for a whole partner */
  index: string
  holds: 'text' | 'date' | 'number'
  /** Of the index, where it has one */
  collation?: CollationOptions
  /**
   * The values in their order, where that is not the order of their letters. All that the field
   * can hold
   */
  values?: readonly (string | null)[]
  /**
   * Each value stands once. Records without one come last: the index has none of them, but only
   * those `having` this; the index named `without` has all by their ids
   */
  unique?: { having: Document; without: string }
}

export interface PageQuery<D extends Document> {
  filter: Filter<D>
  order: Order
  /** Name of the index that is read */
  index: string
  /**
   * `ordered`: the index has filter and order; `few`: the index finds so few that they are sorted
   * in memory; `walk`: the index has the order, and matches are met soon along it
   */
  way: 'ordered' | 'few' | 'walk'
  limit: number
  /** Where the page before ended */
  after: Position | null
}

/** Matches are counted up to here. */
const countLimit = 10_000

/**
 * One page of a list, at a cost that does not grow with the collection: by an index that has filter
 * and order; or, where there is none, by the filter's index and a small sort when few match, and
 * along the order's index when many do.
 */
export async function findPage<D extends Document>(
  collection: Collection<D>,
  query: PageQuery<D>,
): Promise<{ items: WithId<D>[]; more: boolean; total: number | null }> {
  const { order, limit } = query
  const chosen = await choose(collection, query)
  const after = query.after ? await complete(collection, query.after, query.filter, order) : null
  const items: WithId<D>[] = []
  const direction = order.descending ? -1 : 1
  const stretches = order.unique
    ? uniqueStretches(order, order.unique, chosen.index, after)
    : rangesAfter(order, after).map((range): Stretch => ({
        range,
        sort: { [order.field]: direction, _id: direction },
        index: chosen.index,
      }))
  for (const { range, sort, index } of stretches) {
    const wanted = limit + 1 - items.length
    if (wanted <= 0) break
    const found = collection
      .find(
        { $and: [chosen.filter, range] } as Filter<D>,
        order.collation ? { collation: order.collation } : {},
      )
      .sort(sort)
      .limit(wanted)
      .hint(index)
    items.push(...(await found.toArray()))
  }
  const { total } = chosen
  return {
    items: items.slice(0, limit),
    more: items.length > limit,
    total: total !== null && total <= countLimit ? total : null,
  }
}

/** One stretch of an index. */
interface Stretch {
  range: Document
  sort: Record<string, 1 | -1>
  index: string
}

/** Those with a value by the order's index, then those without one. */
function uniqueStretches(
  { field, descending, index }: Order,
  { having, without }: NonNullable<Order['unique']>,
  chosen: string,
  after: Required<Position> | null,
): Stretch[] {
  const isById = chosen === '_id_'
  const beyond = after === null ? { $gt: '' } : { [descending ? '$lt' : '$gt']: after.value }
  const valued: Stretch = {
    range: { ...having, [field]: descending ? { $gt: '', ...beyond } : beyond },
    sort: { [field]: descending ? -1 : 1 },
    index: isById ? chosen : index,
  }
  const bare: Stretch = {
    range: {
      [field]: { $exists: false },
      ...(after?.value === null ? { _id: { $gt: after.id } } : {}),
    },
    sort: { _id: 1 },
    index: isById ? chosen : without,
  }
  return after?.value === null ? [bare] : [valued, bare]
}

/** @returns what is read and by which index, and how many there are where that is known */
async function choose<D extends Document>(
  collection: Collection<D>,
  { filter, index, way, order }: PageQuery<D>,
): Promise<{ filter: Document; index: string; total: number | null }> {
  if (way === 'walk') return { filter, index, total: null }
  if (way === 'ordered') {
    const counted = collection.countDocuments(filter, {
      limit: countLimit + 1,
      hint: index,
      ...(order.collation ? { collation: order.collation } : {}),
    })
    return { filter, index, total: await counted }
  }
  // By their ids: an index of another collation than the order's cannot find texts for it.
  const found = await collection
    .find(filter, { projection: { _id: 1 } })
    .hint(index)
    .toArray()
  const ids = found.map(({ _id }) => _id as ObjectId)
  return { filter: { _id: { $in: ids } }, index: '_id_', total: ids.length }
}

/** A sort value too long for a cursor is read from the record it belongs to. */
async function complete<D extends Document>(
  collection: Collection<D>,
  after: Position,
  filter: Filter<D>,
  order: Order,
): Promise<Required<Position>> {
  if (after.value !== undefined) return { id: after.id, value: after.value }
  const anchor = await collection.findOne({
    partner_id: filter.partner_id,
    _id: after.id,
  } as Filter<D>)
  const value = anchor && valueAt(anchor, order.field)
  if (typeof value !== 'string')
    throw new ValidationFailed([
      { path: 'cursor', message: 'points to a record that is no longer there' },
    ])
  return { id: after.id, value }
}

const leastOf: Record<Order['holds'], SortValue> = {
  text: '',
  date: new Date(-8.64e15),
  number: Decimal128.fromString('-Infinity'),
}

/**
 * What comes after a position, as ranges to be read one after the other: each is one stretch of an
 * index. MongoDB sorts `null` before everything else.
 */
function rangesAfter(order: Order, after: Required<Position> | null): Document[] {
  const { field, descending } = order
  const ties = after && {
    [field]: after.value,
    _id: descending ? { $lt: after.id } : { $gt: after.id },
  }
  if (order.values) {
    const values = descending ? order.values.toReversed() : order.values
    const rest = values.slice(after ? values.indexOf(after.value as string | null) + 1 : 0)
    return [...(ties ? [ties] : []), ...rest.map(value => ({ [field]: value }))]
  }
  if (!after || !ties) return [{}]
  const { value } = after
  if (value === null)
    return descending ? [ties] : [ties, { [field]: { $gte: leastOf[order.holds] } }]
  if (!descending) return [ties, { [field]: { $gt: value } }]
  const below = [ties, { [field]: { $lt: value } }]
  return order.holds === 'date' ? below : [...below, { [field]: null }]
}

/** @returns the value at a dotted path */
export function valueAt(document: Document, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Document)[key]
          : undefined,
      document,
    )
}
