import { ObjectId } from 'mongodb'
import type { HistoryEntry, HistoryList } from '#shared/contracts/leads'
import type { z } from 'zod'
import type { ListQuery } from '#shared/contracts/paging'
import type { Clock } from '../config/clock'
import type { Collections } from '../database/collections'
import type { Cursors } from '../database/cursor'
import type { HistoryEntryDocument, KindName } from '../database/documents'
import { NotFound } from '../errors'
import { historyKept, shownValue } from '../records/history'
import { kinds } from '../records/kinds'
import { createLeadsRepository } from './repository'

/** What happened to one record, newest first. */
export function createHistoryList({
  collections,
  cursors,
  clock,
}: {
  collections: Pick<Collections, 'leads' | 'deals' | 'partners' | 'recordAliases'>
  cursors: Cursors
  clock: Clock
}) {
  const repository = createLeadsRepository(collections)

  /** @throws {NotFound} no such record of this partner */
  return async function history(
    partnerId: ObjectId,
    object: KindName,
    id: string,
    { limit, cursor }: z.output<typeof ListQuery>,
  ): Promise<HistoryList> {
    const kind = kinds[object]
    const record = await repository.historyOf(kind, partnerId, new ObjectId(id))
    if (!record) throw new NotFound(kind.title)
    const oldest = clock().getTime() - historyKept.days * 24 * 60 * 60 * 1000
    const kept = (record.history ?? [])
      .filter(entry => entry.at.getTime() >= oldest)
      .reverse()
      .map(present)
    // What HubSpot brought begins with its arrival, which is no entry of its own: an import of a
    // million would write a million of them.
    const isWhole =
      kept.length < historyKept.entries &&
      !kept.some(entry => entry.kind === 'created') &&
      record.created_at.getTime() >= oldest
    const all: HistoryEntry[] = isWhole
      ? [
          ...kept,
          {
            id: record._id.toHexString(),
            at: record.created_at.toISOString(),
            side: 'hubspot',
            kind: 'created',
            by: null,
            fields: [],
          },
        ]
      : kept
    const scope = { partnerId, list: 'history', query: { object, id } }
    const last = cursor === undefined ? null : cursors.decode(scope, cursor).id.toHexString()
    const start = last === null ? 0 : all.findIndex(entry => entry.id === last) + 1
    // The place that a cursor names may have been forgotten in the meantime: then everything older
    // has been, too.
    const items = last !== null && start === 0 ? [] : all.slice(start, start + limit)
    const end = items.at(-1)
    return {
      items,
      nextCursor:
        end && start + limit < all.length
          ? cursors.encode(scope, { id: new ObjectId(end.id) })
          : null,
      total: all.length,
    }
  }
}

function present({ _id, at, side, kind, by, fields }: HistoryEntryDocument): HistoryEntry {
  return {
    id: _id.toHexString(),
    at: at.toISOString(),
    side,
    kind,
    by: by && { email: by.email },
    fields: fields.map(({ field, from, to, rule }) => ({
      field,
      from: shownValue(field, from),
      to: shownValue(field, to),
      rule,
    })),
  }
}
