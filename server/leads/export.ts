import type { ObjectId } from 'mongodb'
import type { Deal, Lead } from '#shared/contracts/leads'
import { dealStageLabels } from '#shared/leads/stages'
import type { Collections } from '../database/collections'
import type { Position } from '../database/cursor'
import type { DocumentOf, KindName } from '../database/documents'
import { byteOrderMark, csvLine } from './csv'
import type { MappedRules } from '../records/outbox'
import { kinds, type KindPresentations, type RecordKind } from '../records/kinds'
import { ownText } from '../records/own-values'
import { withInnerNames, wordFor } from './choices'
import { sortValueOf } from './list-answer'
import { queryUnlinked, unlinked } from './shown-when-unlinked'
import { partnerLink } from './partner-link-repository'
import type { ListFilter } from './list-filter-repository'
import { createListRepository, type FoundPage } from './list-repository'

type Say = (field: string, value: string | null) => string | null
type Columns<T> = Record<string, (record: T, say: Say) => string | null>

const leadColumns: Columns<Lead> = {
  id: lead => lead.id,
  hubspotId: lead => lead.hubspotId,
  email: lead => lead.email,
  firstName: lead => lead.firstName,
  lastName: lead => lead.lastName,
  phone: lead => lead.phone,
  company: lead => lead.company,
  jobTitle: lead => lead.jobTitle,
  lifecycleStage: (lead, say) => say('lifecycleStage', lead.lifecycleStage),
  hubspotOwner: (lead, say) => say('hubspotOwnerId', lead.hubspotOwnerId),
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
  stage: deal => deal.stage && dealStageLabels[deal.stage],
  closeDate: deal => deal.closeDate,
  hubspotPipelineId: deal => deal.hubspotPipelineId,
  hubspotStageId: deal => deal.hubspotStageId,
  hubspotPipeline: (deal, say) => say('hubspotPipelineId', deal.hubspotPipelineId),
  hubspotStage: (deal, say) => {
    const { hubspotPipelineId: pipeline, hubspotStageId: stage } = deal
    const id = `${pipeline}:${stage}`
    const label = say('hubspotStageId', id)
    return label === id ? stage : label
  },
  hubspotOwner: (deal, say) => say('hubspotOwnerId', deal.hubspotOwnerId),
  leadIds: deal => deal.leadIds.join(' '),
  syncState: deal => deal.sync.state,
  syncError: deal => deal.sync.error?.message ?? null,
  createdAt: deal => deal.createdAt,
  updatedAt: deal => deal.updatedAt,
}

const pageSize = 500

/**
 * A list's own query. Without `sort` records come by their ids, which never change: each comes
 * once, whatever is edited in the meantime.
 */
export type ExportQuery = ListFilter & { sort?: string }

/** The columns do not need these, which are most of a document. */
const notExported = {
  base: 0,
  remote_at: 0,
  changed_at: 0,
  decisions: 0,
  history: 0,
  search: 0,
}

/**
 * The leads or deals of a partner that a list's query asks for, as CSV, page by page: what
 * is in memory does not grow with their number.
 */
export function createExports({
  collections,
  mapping,
}: {
  collections: Pick<Collections, 'leads' | 'deals' | 'partners' | 'ownFields' | 'recordAliases'>
  mapping: Pick<MappedRules, 'ownFieldsOf' | 'choicesOf'>
}) {
  const lists = createListRepository(collections)

  /** Each page is a query of its own: no cursor of the database waits for a slow reader. */
  async function* pages<K extends KindName>(
    kind: RecordKind<K>,
    partnerId: ObjectId,
    { sort, ...query }: ExportQuery,
  ): AsyncGenerator<DocumentOf<K>[], void> {
    if (sort === undefined) {
      for (let after: ObjectId | null = null; ;) {
        const page: DocumentOf<K>[] = await lists.page(kind, partnerId, query, {
          after,
          limit: pageSize,
          projection: notExported,
        })
        yield page
        after = page.at(-1)?._id ?? null
        if (after === null || page.length < pageSize) return
      }
    }
    for (let after: Position | null = null; ;) {
      const page: FoundPage<DocumentOf<K>> = await lists.list(
        kind,
        partnerId,
        { ...query, sort },
        { after, limit: pageSize },
      )
      yield page.items
      const last = page.items.at(-1)
      if (!last || !page.more) return
      after = { id: last._id, value: sortValueOf(last, page.sortedBy) }
    }
  }

  async function* lines<K extends KindName>(
    kind: RecordKind<K>,
    columns: Columns<KindPresentations[K]>,
    partnerId: ObjectId,
    query: ExportQuery,
  ): AsyncGenerator<string, void> {
    const [{ [kind.name]: own }, choices, { isLinked }] = await Promise.all([
      mapping.ownFieldsOf(partnerId),
      mapping.choicesOf(partnerId, kind.name),
      partnerLink(collections, partnerId),
    ])
    const say: Say = (field, value) => wordFor(choices, field, value)
    const read = Object.values(columns)
    let text = byteOrderMark + csvLine([...Object.keys(columns), ...own.map(field => field.key)])
    const named = await withInnerNames({ mapping, lists }, kind, partnerId, query)
    const asked = isLinked ? named : queryUnlinked(named)
    if (asked === null) {
      yield text
      return
    }
    for await (const page of pages(kind, partnerId, asked)) {
      for (const document of page) {
        const presented = kind.present(document, own)
        const record = isLinked ? presented : unlinked(presented)
        const values: Record<string, string | null> = document.values
        text += csvLine([
          ...read.map(column => column(record, say)),
          ...own.map(field => ownText(field, values[field.key] ?? null)),
        ])
      }
      yield text
      text = ''
    }
  }

  return {
    leads: (partnerId: ObjectId, query: ExportQuery = {}) =>
      lines(kinds.lead, leadColumns, partnerId, query),
    deals: (partnerId: ObjectId, query: ExportQuery = {}) =>
      lines(kinds.deal, dealColumns, partnerId, query),
  }
}
