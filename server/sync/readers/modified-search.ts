import type { ObjectId } from 'mongodb'
import type { ObjectType } from '../../hubspot/crm-types'
import type { InboundCounts } from '../inbound/apply'
import type { RunContext } from '../runs/context'
import type { Pull } from './by-ids'
import {
  advanceWindow,
  consistent,
  modifiedAtOf,
  modifiedProperty,
  windowQuery,
  type SearchWindow,
} from './search-window'

export interface ModifiedSearchDeps {
  mapping: { propertiesToRead(partnerId: ObjectId, type: ObjectType): Promise<string[]> }
  pull: Pull
}

export interface StoredPage {
  /** The window of the next page, `null` after the last */
  next: SearchWindow | null
  counts: InboundCounts
  /** HubSpot's latest modification instant on the page, epoch milliseconds; 0 on an empty one */
  newest: number
  /** Records that match the window, this page and all after it */
  total: number
}

/** Searches HubSpot for modified records, and stores what it finds page by page. */
export function createModifiedSearch({ mapping, pull }: ModifiedSearchDeps) {
  /** One page of a search, with the deals' contacts. */
  async function search(ctx: RunContext, type: ObjectType, window: SearchWindow) {
    const property = modifiedProperty[type]
    const properties = [
      ...new Set([...(await mapping.propertiesToRead(ctx.partnerId, type)), property]),
    ]
    const query = { ...windowQuery(window, property), properties }
    const page = consistent(await ctx.crm.search(type, query))
    const found = page.results.map(record => ({
      id: record.id,
      modifiedAt: modifiedAtOf(type, record),
    }))
    const { next, fresh } = advanceWindow(window, found, page.after !== null)
    const changed = page.results.filter(record => fresh.has(record.id))
    return {
      next,
      total: page.total,
      records: type === 'deals' ? await pull.withContacts(ctx, changed) : changed,
      newest: Math.max(0, ...found.map(record => record.modifiedAt)),
    }
  }

  /** @param label names the page within the run: a page that is stored twice counts once */
  return async function storeNextPage(
    ctx: RunContext,
    type: ObjectType,
    window: SearchWindow,
    label: string,
  ): Promise<StoredPage> {
    ctx.signal.throwIfAborted()
    const { next, records, newest, total } = await search(ctx, type, window)
    const page = `${label}:${window.from}:${window.tieAfter ?? ''}`
    const counts = await pull.storePage(ctx, { type, records, page, leave: 'not_live' })
    return { next, newest, counts, total }
  }
}
