import type { ObjectId } from 'mongodb'
import type { Collections } from '../database/collections'
import type { AnyRecord, DeletedRecordDocument, KindName, UndoSource } from '../database/documents'
import { allKinds, kinds } from '../records/kinds'
import { findByIds } from '../records/repository/by-ids'
import { stepSize } from './step'
import type { UndoRepository } from './undo-repository'

/** A record that stands, or one that what is undone removed */
export type Item = { record: AnyRecord } | { removed: DeletedRecordDocument }
export interface Place {
  object: KindName
  after: ObjectId | null
}

/** What an undo is about, a page at a time: first all leads, then all deals. */
export function createUndoItems({
  collections,
  repository,
}: {
  collections: Collections
  repository: UndoRepository
}) {
  const first: Place = { object: allKinds[0]?.name ?? 'lead', after: null }

  /** Some of what a source changed, and where the rest begins. */
  async function itemsOf(
    partnerId: ObjectId,
    of: UndoSource,
    { object, after }: Place,
  ): Promise<{ items: Item[]; next: Place | null }> {
    if (of.is === 'entry') {
      const found = await findByIds(collections, kinds[of.object], partnerId, [of.recordId])
      return { items: [...found.values()].map(record => ({ record })), next: null }
    }
    const page = { after, limit: stepSize }
    const [changed, imported, removed] = await Promise.all([
      repository.touchedBy(kinds[object], partnerId, 'changed', of.cause, page),
      of.is === 'run'
        ? repository.touchedBy(kinds[object], partnerId, 'imported', of.cause, page)
        : [],
      repository.removedBy(object, partnerId, of.cause, page),
    ])
    const standing = new Map(
      [...changed, ...imported].map(record => [record._id.toHexString(), record]),
    )
    const ids = new Set(standing.keys())
    const all = [
      ...[...standing.values()].map(record => ({ id: record._id, item: { record } })),
      ...removed
        .filter(one => !ids.has(one.record_id.toHexString()))
        .map(one => ({ id: one.record_id, item: { removed: one } })),
    ].sort((one, other) => (one.id.toHexString() < other.id.toHexString() ? -1 : 1))
    const items = all.slice(0, stepSize)
    const last = items.at(-1)
    if (items.length === stepSize && last)
      return { items: items.map(({ item }) => item), next: { object, after: last.id } }
    const place = allKinds.findIndex(kind => kind.name === object)
    const following = allKinds[place + 1]
    return {
      items: items.map(({ item }) => item),
      next: following ? { object: following.name, after: null } : null,
    }
  }

  /** All that a source changed, in pages, each with the place where it begins. */
  async function* pagesOf(
    partnerId: ObjectId,
    of: UndoSource,
  ): AsyncGenerator<{ items: Item[]; place: Place }> {
    for (let place: Place | null = first; place;) {
      const page: { items: Item[]; next: Place | null } = await itemsOf(partnerId, of, place)
      yield { items: page.items, place }
      place = page.next
    }
  }

  return { first, itemsOf, pagesOf }
}
