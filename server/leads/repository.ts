import { ObjectId, type Collection, type Filter } from 'mongodb'
import type { DealsQuery, LeadsQuery } from '#shared/contracts/leads'
import type { Collections } from '../database/collections'
import type { Position } from '../database/cursor'
import type {
  AnyRecord,
  DealDocument,
  DocumentOf,
  HistoryEntryDocument,
  KindName,
  LeadDocument,
} from '../database/documents'
import { findPage, sortLimit, type Order, type PageQuery } from '../database/paging'
import { recordsOf, type RecordKind } from '../records/kinds'
import { partnerLink } from './partner-link'
import { queryWords } from '../records/search-words'

const newestFirst: Order = { field: 'updated_at', descending: true, index: 'newest_first' }

const leadOrders: Record<LeadsQuery['sort'], Order> = {
  '-updatedAt': newestFirst,
  updatedAt: { ...newestFirst, descending: false },
  lastName: { field: 'values.lastName', descending: false, index: 'by_last_name' },
  '-lastName': { field: 'values.lastName', descending: true, index: 'by_last_name' },
  email: { field: 'values.email', descending: false, index: 'by_email' },
  '-email': { field: 'values.email', descending: true, index: 'by_email' },
  company: { field: 'values.company', descending: false, index: 'by_company' },
  '-company': { field: 'values.company', descending: true, index: 'by_company' },
}

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

/** The columns of an export do not need these, which are most of a document. */
const notExported = {
  base: 0,
  remote: 0,
  remote_at: 0,
  changed_at: 0,
  decisions: 0,
  history: 0,
  search: 0,
}

/** What pages and partners' scripts read of records, and the new ones they store. */
export function createLeadsRepository(
  collections: Pick<Collections, 'leads' | 'deals' | 'partners'>,
) {
  const { leads, deals, partners } = collections

  return {
    async listLeads(
      partnerId: ObjectId,
      query: LeadsQuery,
      page: ListPage,
    ): Promise<FoundPage<LeadDocument>> {
      const search = await leadSearch(leads, partnerId, query)
      return { ...(await findPage(leads, { ...search, ...page })), sortedBy: search.order.field }
    },

    async listDeals(
      partnerId: ObjectId,
      query: DealsQuery,
      page: ListPage,
    ): Promise<FoundPage<DealDocument>> {
      const search = dealSearch(partnerId, query)
      return { ...(await findPage(deals, { ...search, ...page })), sortedBy: search.order.field }
    },

    async find<K extends KindName>(
      kind: RecordKind<K>,
      partnerId: ObjectId,
      id: ObjectId,
    ): Promise<DocumentOf<K> | null> {
      const filter = { _id: id, partner_id: partnerId }
      return await recordsOf(collections, kind).findOne<DocumentOf<K>>(filter)
    },

    /** @throws a duplicate key error of the driver: another lead has this e-mail address */
    async insert(kind: RecordKind, record: AnyRecord): Promise<void> {
      await recordsOf(collections, kind).insertOne(record)
    },

    async historyOf(
      kind: RecordKind,
      partnerId: ObjectId,
      id: ObjectId,
    ): Promise<
      (Pick<AnyRecord, '_id' | 'created_at'> & { history?: HistoryEntryDocument[] }) | null
    > {
      return await recordsOf(collections, kind).findOne(
        { _id: id, partner_id: partnerId },
        { projection: { history: 1, created_at: 1 } },
      )
    },

    /** Up to two leads with this e-mail address. */
    async idsOfEmail(partnerId: ObjectId, email: string): Promise<ObjectId[]> {
      const found = await leads
        .find({ partner_id: partnerId, 'values.email': email }, { projection: { _id: 1 } })
        .limit(2)
        .toArray()
      return found.map(lead => lead._id)
    },

    async countLeads(partnerId: ObjectId, ids: readonly ObjectId[]): Promise<number> {
      const filter = { partner_id: partnerId, _id: { $in: [...ids] } }
      return await leads.countDocuments(filter, { hint: '_id_' })
    },

    /**
     * Records for an export, sorted by their ids, which never change: each comes once, whatever is
     * edited in the meantime.
     * @param after the last id of the page before
     */
    async exportPage<K extends KindName>(
      kind: RecordKind<K>,
      partnerId: ObjectId,
      after: ObjectId | null,
      limit: number,
    ): Promise<DocumentOf<K>[]> {
      const filter = { partner_id: partnerId, ...(after ? { _id: { $gt: after } } : {}) }
      return await recordsOf(collections, kind)
        .find<DocumentOf<K>>(filter, { projection: notExported })
        .sort({ _id: 1 })
        .limit(limit)
        .hint('by_id')
        .toArray()
    },

    /** Whether local changes of this partner are to reach HubSpot. */
    async isWritingBack(partnerId: ObjectId): Promise<boolean> {
      return (await partnerLink({ partners }, partnerId)).isWritingBack
    },
  }
}
export type LeadsRepository = ReturnType<typeof createLeadsRepository>

type Search<D extends AnyRecord> = Omit<PageQuery<D>, 'limit' | 'after'>

/** With several words the rarest one filters; at most this many of its records are read. */
const maxNarrowed = 10_000

/** The leads that a query asks for, and the index that serves it. */
async function leadSearch(
  leads: Collection<LeadDocument>,
  partnerId: ObjectId,
  { q, syncState, sort }: LeadsQuery,
): Promise<Search<LeadDocument>> {
  const order = leadOrders[sort]
  const filter: Filter<LeadDocument> = { partner_id: partnerId }
  if (syncState !== undefined) filter['sync.state'] = syncState
  const words = queryWords(q ?? '')
  if (words.length === 0) {
    if (syncState === undefined) return { filter, order, index: order.index, way: 'ordered' }
    return {
      filter,
      order,
      index: 'by_sync_state',
      way: order.field === 'updated_at' ? 'ordered' : 'unknown',
    }
  }
  const prefixes = words.map(word => new RegExp(`^${escapeRegExp(word)}`))
  const enough = words.length === 1 ? sortLimit : maxNarrowed
  const counts = await Promise.all(
    prefixes.map(prefix =>
      leads.countDocuments(
        { partner_id: partnerId, search: prefix },
        { limit: enough + 1, hint: 'search_words' },
      ),
    ),
  )
  const rarest = counts.indexOf(Math.min(...counts))
  // One word by the index; the others in a form that no index serves, so that the planner cannot
  // choose a commoner one.
  const others = prefixes
    .filter((_, index) => index !== rarest)
    .map(prefix => ({ search: { $not: prefix } }))
  const narrowed = {
    ...filter,
    search: prefixes[rarest],
    ...(others.length > 0 ? { $nor: others } : {}),
  } as Filter<LeadDocument>
  return {
    filter: narrowed,
    order,
    index: 'search_words',
    way: (counts[rarest] ?? 0) <= enough ? 'few' : 'walk',
  }
}

/** The deals that a query asks for, and the index that serves it. */
function dealSearch(
  partnerId: ObjectId,
  { leadId, stage, syncState }: DealsQuery,
): Search<DealDocument> {
  const filter: Filter<DealDocument> = { partner_id: partnerId }
  if (leadId !== undefined) filter.lead_ids = new ObjectId(leadId)
  if (stage !== undefined) filter.stage = stage === 'unmapped' ? null : stage
  if (syncState !== undefined) filter['sync.state'] = syncState
  const order = newestFirst
  if (leadId !== undefined) return { filter, order, index: 'by_lead', way: 'unknown' }
  if (stage !== undefined)
    return {
      filter,
      order,
      index: 'by_stage',
      way: syncState === undefined ? 'ordered' : 'unknown',
    }
  if (syncState !== undefined) return { filter, order, index: 'by_sync_state', way: 'ordered' }
  return { filter, order, index: 'newest_first', way: 'ordered' }
}

/** What a person typed is text to look for, never a pattern. */
function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
