import type { ObjectId } from 'mongodb'
import type { Deal, Lead } from '#shared/contracts/leads'
import type { Collections } from '../database/collections'
import type { DocumentOf, KindName } from '../database/documents'
import { byteOrderMark, csvLine } from './csv'
import { kinds, type KindPresentations, type RecordKind } from '../records/kinds'
import { createLeadsRepository } from './repository'

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

const pageSize = 500

/**
 * All leads or all deals of a partner as CSV, page by page: what is in memory does not grow with
 * their number.
 */
export function createExports({
  collections,
}: {
  collections: Pick<Collections, 'leads' | 'deals' | 'partners'>
}) {
  const repository = createLeadsRepository(collections)

  /** Each page is a query of its own: no cursor of the database waits for a slow reader. */
  async function* lines<K extends KindName>(
    kind: RecordKind<K>,
    columns: Columns<KindPresentations[K]>,
    partnerId: ObjectId,
  ): AsyncGenerator<string, void> {
    const read = Object.values(columns)
    let text = byteOrderMark + csvLine(Object.keys(columns))
    for (let last: ObjectId | null = null; ;) {
      const page: DocumentOf<K>[] = await repository.exportPage(kind, partnerId, last, pageSize)
      for (const document of page) {
        const record = kind.present(document)
        text += csvLine(read.map(column => column(record)))
      }
      yield text
      text = ''
      last = page.at(-1)?._id ?? null
      if (last === null || page.length < pageSize) return
    }
  }

  return {
    leads: (partnerId: ObjectId) => lines(kinds.lead, leadColumns, partnerId),
    deals: (partnerId: ObjectId) => lines(kinds.deal, dealColumns, partnerId),
  }
}
