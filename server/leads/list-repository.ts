import { ObjectId, type Collection, type Document } from 'mongodb'
import type { Collections } from '../database/collections'
import type { Position } from '../database/cursor'
import type { AnyRecord, DocumentOf, KindName } from '../database/documents'
import { findPage, type Order, type PageQuery } from '../database/paging'
import { recordsOf, type RecordKind } from '../records/kinds'
import { survivorOf } from '../records/repository/aliases'
import { listColumns } from './list-fields'
import { allOf, conditionsOf, type Condition, type ListFilter } from './list-filter-repository'
import { namesOwnFields, ownColumns, ownConditions, ownOrder } from './own-columns-repository'

/** A page of a list: how many, and where the page before ended. */
export interface ListPage {
  limit: number
  after: Position | null
}

/** What a list reads of one page. */
export interface FoundPage<D> {
  items: D[]
  more: boolean
  /** `null` where counting would cost */
  total: number | null
  /** The field that the list is sorted by */
  sortedBy: string
}

/** With one condition, so many are sorted in memory. */
const maxFew = 1000
/** With several, the rarest finds so many at most before the others are looked at. */
const maxNarrowed = 10_000

/** What lists read: leads and deals by the same code, from the table of their columns. */
export function createListRepository(
  collections: Pick<Collections, 'leads' | 'deals' | 'ownFields' | 'recordAliases'>,
) {
  /** An id whose record went into another one asks for that one. */
  async function withPresentIds(
    kind: RecordKind,
    partnerId: ObjectId,
    query: ListFilter,
  ): Promise<ListFilter> {
    const present: Record<string, string> = {}
    for (const [name, { holds }] of Object.entries(listColumns[kind.name].filters)) {
      const value = query[name]
      if (holds !== 'id' || value === undefined) continue
      const survivor = await survivorOf(collections, partnerId, new ObjectId(String(value)))
      if (survivor) present[name] = survivor.toHexString()
    }
    return { ...query, ...present }
  }

  async function conditionsFor(
    kind: RecordKind,
    partnerId: ObjectId,
    query: ListFilter,
  ): Promise<Condition[]> {
    const conditions = conditionsOf(kind, await withPresentIds(kind, partnerId, query))
    if (!namesOwnFields(Object.keys(query))) return conditions
    const own = ownConditions(await ownColumns(collections, kind, partnerId), query)
    return [...conditions, ...own.map(one => ({ ...one, ordered: () => false }))]
  }

  async function orderFor(kind: RecordKind, partnerId: ObjectId, sort: string): Promise<Order> {
    const descending = sort.startsWith('-')
    const name = descending ? sort.slice(1) : sort
    const column = listColumns[kind.name].sorts[name]
    return column
      ? { ...column, descending }
      : ownOrder(await ownColumns(collections, kind, partnerId), name, descending)
  }

  return {
    async list<K extends KindName>(
      kind: RecordKind<K>,
      partnerId: ObjectId,
      { sort, ...query }: ListFilter & { sort: string },
      page: ListPage,
    ): Promise<FoundPage<DocumentOf<K>>> {
      const records = recordsOf(collections, kind)
      const order = await orderFor(kind, partnerId, sort)
      const conditions = await conditionsFor(kind, partnerId, query)
      const search = await planSearch(records, partnerId, order, conditions)
      const found = await findPage(records, { ...search, order, ...page })
      return { ...found, items: found.items as DocumentOf<K>[], sortedBy: order.field }
    },

    /**
     * All records that a query asks for, by their ids, which never change: each comes once,
     * whatever is edited in the meantime.
     * @param after the last id of the page before
     * @param options.until no record with a later id
     */
    async page<K extends KindName>(
      kind: RecordKind<K>,
      partnerId: ObjectId,
      query: ListFilter,
      {
        after,
        until,
        limit,
        projection,
      }: { after: ObjectId | null; until?: ObjectId; limit: number; projection?: Document },
    ): Promise<DocumentOf<K>[]> {
      const ids = { ...(after ? { $gt: after } : {}), ...(until ? { $lte: until } : {}) }
      const filter = allOf(partnerId, [
        ...(await conditionsFor(kind, partnerId, query)),
        ...(after || until ? [{ filter: { _id: ids } }] : []),
      ])
      return await recordsOf(collections, kind)
        .find<DocumentOf<K>>(filter, projection ? { projection } : {})
        .sort({ _id: 1 })
        .limit(limit)
        .hint('by_id')
        .toArray()
    },

    /** How many records a query asks for. */
    async count(
      kind: RecordKind,
      partnerId: ObjectId,
      query: ListFilter,
      until?: ObjectId,
    ): Promise<number> {
      const conditions = await conditionsFor(kind, partnerId, query)
      const [rarest] = await byRarity(recordsOf(collections, kind), partnerId, conditions)
      const bound = until ? [{ filter: { _id: { $lte: until } } }] : []
      return await recordsOf(collections, kind).countDocuments(
        allOf(partnerId, [...conditions, ...bound], rarest?.condition),
        { hint: rarest?.condition.index ?? 'by_id' },
      )
    },
  }
}

export type ListRepository = ReturnType<typeof createListRepository>

/** The conditions with how many records each finds by its index, the rarest first. */
async function byRarity(
  records: Collection<AnyRecord>,
  partnerId: ObjectId,
  conditions: readonly Condition[],
): Promise<{ condition: Condition; count: number }[]> {
  const enough = conditions.length === 1 ? maxFew : maxNarrowed
  const counted = await Promise.all(
    conditions.map(async condition => ({
      condition,
      count: await records.countDocuments(
        { partner_id: partnerId, ...condition.filter },
        { limit: enough + 1, hint: condition.index },
      ),
    })),
  )
  return counted.sort((one, other) => one.count - other.count)
}

/** The records that a query asks for, and the index that serves it. */
async function planSearch(
  records: Collection<AnyRecord>,
  partnerId: ObjectId,
  order: Order,
  conditions: readonly Condition[],
): Promise<Pick<PageQuery<AnyRecord>, 'filter' | 'index' | 'way'>> {
  const [first] = conditions
  if (!first) {
    // By this index only those are counted that have a value.
    const index = order.unique?.without ?? order.index
    return { filter: { partner_id: partnerId }, index, way: 'ordered' }
  }
  if (conditions.length === 1 && first.ordered(order))
    return { filter: allOf(partnerId, conditions, first), index: first.index, way: 'ordered' }
  const [rarest] = await byRarity(records, partnerId, conditions)
  const enough = conditions.length === 1 ? maxFew : maxNarrowed
  if (rarest && rarest.count <= enough) {
    const { condition } = rarest
    return { filter: allOf(partnerId, conditions, condition), index: condition.index, way: 'few' }
  }
  const inOrder = conditions.find(condition => condition.ordered(order))
  return {
    filter: allOf(partnerId, conditions, inOrder),
    index: inOrder?.index ?? order.index,
    way: 'walk',
  }
}
