import type { Collection, Document, Filter, WithId } from 'mongodb'
import { ValidationFailed } from '../errors'
import type { Position } from './cursor'

export interface Order {
  /** Path in the document */
  field: string
  descending: boolean
  /** Name of the index that has this order for a whole partner */
  index: string
}

export interface PageQuery<D extends Document> {
  filter: Filter<D>
  order: Order
  /** Name of the index that finds what the filter asks for */
  index: string
  /**
   * `ordered`: that index has the order too; `few`: so few match that they can be sorted in memory;
   * `walk`: so many that going along the order's index finds a page soon; `unknown`: to be counted
   * first
   */
  way: 'ordered' | 'few' | 'walk' | 'unknown'
  limit: number
  /** Where the page before ended */
  after: Position | null
}

/** Up to here matches are counted and, where no index has the order, sorted in memory. */
const countLimit = 10_000
export const sortLimit = 1000

/**
 * One page of a list, at a cost that does not grow with the collection: by an index that has filter
 * and order; or, where there is none, by the filter's index and a small sort when few match, and
 * along the order's index when many do.
 */
export async function findPage<D extends Document>(
  collection: Collection<D>,
  query: PageQuery<D>,
): Promise<{ items: WithId<D>[]; more: boolean; total: number | null }> {
  const { filter, order, limit, way, index } = query
  const upTo = way === 'unknown' ? sortLimit : countLimit
  const counted =
    way === 'walk'
      ? null
      : await collection.countDocuments(filter, { limit: upTo + 1, hint: index })
  const isWalk = counted === null || (way === 'unknown' && counted > sortLimit)
  const hint = isWalk ? order.index : index
  const after = query.after ? await complete(collection, query.after, filter, order) : null
  const items: WithId<D>[] = []
  const direction = order.descending ? -1 : 1
  for (const range of rangesAfter(order, after)) {
    const wanted = limit + 1 - items.length
    if (wanted <= 0) break
    const found = collection
      .find({ ...filter, ...range } as Filter<D>)
      .sort({ [order.field]: direction, _id: direction })
      .limit(wanted)
      .hint(hint)
    items.push(...(await found.toArray()))
  }
  return {
    items: items.slice(0, limit),
    more: items.length > limit,
    total: counted !== null && counted <= upTo ? counted : null,
  }
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

/**
 * What comes after a position, as ranges to be read one after the other: each is one stretch of an
 * index. MongoDB sorts `null` before all text.
 */
function rangesAfter({ field, descending }: Order, after: Required<Position> | null): Document[] {
  if (!after) return [{}]
  const { value, id } = after
  const ties = { [field]: value, _id: descending ? { $lt: id } : { $gt: id } }
  if (value === null) return descending ? [ties] : [ties, { [field]: { $gte: '' } }]
  if (!descending) return [ties, { [field]: { $gt: value } }]
  const below = [ties, { [field]: { $lt: value } }]
  return typeof value === 'string' ? [...below, { [field]: null }] : below
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
