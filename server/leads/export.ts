import type { Collection, Filter, ObjectId, WithId } from 'mongodb'
import type { Deal, Lead } from '#shared/contracts/leads'
import type { Collections } from '../database/collections'
import type { DealDocument, LeadDocument } from '../database/documents'
import { byteOrderMark, csvLine } from './csv'
import { presentDeal, presentLead } from '../records/presenters'

type Columns<T> = Record<string, (record: T) => string | null>

const leadColumns: Columns<Lead> = {
  id: lead => lead.id,
  hubspotId: lead => lead.hubspotId,
  email: lead => lead.email,
  firstName: lead => lead.firstName,
  lastName: lead => lead.lastName,
  phone: lead => lead.phone,
  company: lead => lead.company,
  jobTitle: lead => lead.jobTitle,
  lifecycleStage: lead => lead.lifecycleStage,
  syncState: lead => lead.sync.state,
  syncError: lead => lead.sync.error?.message ?? null,
  createdAt: lead => lead.createdAt,
  updatedAt: lead => lead.updatedAt,
}

const dealColumns: Columns<Deal> = {
  id: deal => deal.id,
  hubspotId: deal => deal.hubspotId,
  name: deal => deal.name,
  amount: deal => deal.amount,
  currency: deal => deal.currency,
  stage: deal => deal.stage,
  closeDate: deal => deal.closeDate,
  hubspotPipelineId: deal => deal.hubspotPipelineId,
  hubspotStageId: deal => deal.hubspotStageId,
  leadIds: deal => deal.leadIds.join(' '),
  syncState: deal => deal.sync.state,
  syncError: deal => deal.sync.error?.message ?? null,
  createdAt: deal => deal.createdAt,
  updatedAt: deal => deal.updatedAt,
}

/** What the columns do not need: HubSpot's copies and the merge's notes are most of a document. */
const unneeded = {
  base: 0,
  remote: 0,
  remote_at: 0,
  changed_at: 0,
  decisions: 0,
  history: 0,
  search: 0,
}
const pageSize = 500

/**
 * All leads or all deals of a partner as CSV, page by page: what is in memory does not grow with
 * their number.
 */
export function createExports({
  collections: { leads, deals },
}: {
  collections: Pick<Collections, 'leads' | 'deals'>
}) {
  /**
   * Along the ids, which never change: each record once, whatever is edited meanwhile. Each page is
   * a query of its own, so that no cursor of the database waits for a slow reader.
   */
  async function* lines<D extends LeadDocument | DealDocument, T>(
    collection: Collection<D>,
    partnerId: ObjectId,
    columns: Columns<T>,
    present: (document: D) => T,
  ): AsyncGenerator<string, void> {
    const read = Object.values(columns)
    let text = byteOrderMark + csvLine(Object.keys(columns))
    for (let last: ObjectId | null = null; ;) {
      const filter = { partner_id: partnerId, ...(last ? { _id: { $gt: last } } : {}) } as Filter<D>
      const page: WithId<D>[] = await collection
        .find(filter, { projection: unneeded })
        .sort({ _id: 1 })
        .limit(pageSize)
        .hint('by_id')
        .toArray()
      for (const document of page) {
        const record = present(document as D)
        text += csvLine(read.map(column => column(record)))
      }
      yield text
      text = ''
      last = page.at(-1)?._id ?? null
      if (last === null || page.length < pageSize) return
    }
  }

  return {
    leads: (partnerId: ObjectId) => lines(leads, partnerId, leadColumns, presentLead),
    deals: (partnerId: ObjectId) => lines(deals, partnerId, dealColumns, presentDeal),
  }
}
