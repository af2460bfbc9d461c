import type { ObjectId } from 'mongodb'
import type { Cursors, SortValue } from '../database/cursor'
import type { AnyRecord, DocumentOf, KindName } from '../database/documents'
import { valueAt } from '../database/paging'
import type { KindPresentations, RecordKind } from '../records/kinds'
import type { MappedRules } from '../records/outbox'
import type { FoundPage, ListPage } from './list-repository'

export interface ListAnswer<T> {
  items: T[]
  nextCursor: string | null
  /** `null` where counting would cost */
  total: number | null
}

interface Asked {
  limit: number
  cursor?: string | undefined
}

/**
 * One page of a list as the API answers it. Its cursors are bound to partner, list and query.
 * @param find reads the page
 */
export async function listAnswer<K extends KindName>(
  {
    kind,
    cursors,
    mapping,
  }: { kind: RecordKind<K>; cursors: Cursors; mapping: Pick<MappedRules, 'ownFieldsOf'> },
  partnerId: ObjectId,
  { limit, cursor, ...query }: Asked,
  find: (page: ListPage) => Promise<FoundPage<DocumentOf<K>>>,
): Promise<ListAnswer<KindPresentations[K]>> {
  const scope = { partnerId, list: kind.collection, query }
  const after = cursor === undefined ? null : cursors.decode(scope, cursor)
  const [{ items, more, total, sortedBy }, { [kind.name]: own }] = await Promise.all([
    find({ limit, after }),
    mapping.ownFieldsOf(partnerId),
  ])
  const last = items.at(-1)
  const nextCursor =
    more && last
      ? cursors.encode(scope, {
          value: sortValueOf(last, sortedBy),
          id: last._id,
        })
      : null
  return { items: items.map(item => kind.present(item, own)), nextCursor, total }
}

/** @returns what a page that ends with this record is continued by */
export function sortValueOf(record: AnyRecord, sortedBy: string): SortValue {
  return (valueAt(record, sortedBy) ?? null) as SortValue
}
