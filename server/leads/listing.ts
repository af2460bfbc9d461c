import { ObjectId, type Filter } from 'mongodb'
import type { DealsQuery, LeadsQuery } from '../../shared/contracts/leads'
import type { DealDocument, LeadDocument } from '../database/documents'
import type { Order, PageQuery } from '../database/paging'
import { queryWords } from './search-words'

const newestFirst: Order = { field: 'updated_at', descending: true, index: 'newest_first' }

const leadOrders: Record<LeadsQuery['sort'], Order> = {
  '-updatedAt': newestFirst,
  'updatedAt': { ...newestFirst, descending: false },
  'lastName': { field: 'values.lastName', descending: false, index: 'by_last_name' },
  '-lastName': { field: 'values.lastName', descending: true, index: 'by_last_name' },
  'email': { field: 'values.email', descending: false, index: 'by_email' },
  '-email': { field: 'values.email', descending: true, index: 'by_email' },
  'company': { field: 'values.company', descending: false, index: 'by_company' },
  '-company': { field: 'values.company', descending: true, index: 'by_company' },
}

type Search<D extends LeadDocument | DealDocument> = Omit<PageQuery<D>, 'limit' | 'after'>

/** The leads that a query asks for, and the index that serves it. */
export function leadSearch(partnerId: ObjectId, { q, syncState, sort }: LeadsQuery): Search<LeadDocument> {
  const order = leadOrders[sort]
  const filter: Filter<LeadDocument> = { partner_id: partnerId }
  if (syncState !== undefined) filter['sync.state'] = syncState
  const words = queryWords(q ?? '')
  if (words.length > 0) {
    // Longest first: its stretch of the index is the shortest.
    const prefixes = [...words].sort((one, other) => other.length - one.length).map(word => new RegExp(`^${escapeRegExp(word)}`))
    return { filter: { ...filter, search: { $all: prefixes } } as Filter<LeadDocument>, order, index: 'search_words', isOrdered: false }
  }
  if (syncState !== undefined) return { filter, order, index: 'by_sync_state', isOrdered: order.field === 'updated_at' }
  return { filter, order, index: order.index, isOrdered: true }
}

/** The deals that a query asks for, and the index that serves it. */
export function dealSearch(partnerId: ObjectId, { leadId, stage, syncState }: DealsQuery): Search<DealDocument> {
  const filter: Filter<DealDocument> = { partner_id: partnerId }
  if (leadId !== undefined) filter.lead_ids = new ObjectId(leadId)
  if (stage !== undefined) filter.stage = stage === 'unmapped' ? null : stage
  if (syncState !== undefined) filter['sync.state'] = syncState
  const order = newestFirst
  if (leadId !== undefined) return { filter, order, index: 'by_lead', isOrdered: false }
  if (stage !== undefined) return { filter, order, index: 'by_stage', isOrdered: syncState === undefined }
  if (syncState !== undefined) return { filter, order, index: 'by_sync_state', isOrdered: true }
  return { filter, order, index: 'newest_first', isOrdered: true }
}

/** What a person typed is text to look for, never a pattern. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
