import { ObjectId, type Collection, type Filter } from 'mongodb'
import type { DealsQuery, LeadsQuery } from '#shared/contracts/leads'
import type { DealDocument, LeadDocument } from '../database/documents'
import { sortLimit, type Order, type PageQuery } from '../database/paging'
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

type Search<D extends LeadDocument | DealDocument> = Omit<PageQuery<D>, 'limit' | 'after'>

/**
 * With several words the rarest narrows: so many of its records are looked through and sorted in
 * memory at most.
 */
const maxNarrowed = 10_000

/** The leads that a query asks for, and the index that serves it. */
export async function leadSearch(
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
export function dealSearch(
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
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
