import { ObjectId } from 'mongodb'
import type { Deal, DealCreate, DealPatch, DealsQuery } from '#shared/contracts/leads'
import { dealFields } from '#shared/leads/fields'
import type { DealValues } from '../database/documents'
import { findPage, valueAt } from '../database/paging'
import { NotFound } from '../errors'
import { createdHere, editedHere } from '../records/local-change'
import { newDeal } from '../records/blank'
import { editRecord } from '../records/repository/edit'
import { partnerLink } from './partner-link'
import { StaleRevision, UnknownLeads } from './errors'
import type { Editor } from '../records/history'
import { dealSearch } from './listing'
import { kinds } from '../records/kinds'
import { createOutbox } from '../records/outbox'
import { presentDeal } from '../records/presenters'
import type { ListAnswer } from './leads'
import type { RecordDeps } from './index'

/** A partner's deals: rules and repository. @see createLeads */
export function createDeals({ collections, clock, mapping, cursors, onLocalChange }: RecordDeps) {
  const { deals, leads } = collections

  /** @throws {UnknownLeads} an id that is no lead of this partner */
  async function ownLeads(partnerId: ObjectId, ids: readonly string[]): Promise<ObjectId[]> {
    const wanted = [...new Set(ids)].map(id => new ObjectId(id))
    if (wanted.length === 0) return []
    const found = await leads.countDocuments(
      { partner_id: partnerId, _id: { $in: wanted } },
      { hint: '_id_' },
    )
    if (found !== wanted.length) throw new UnknownLeads()
    return wanted
  }

  return {
    async list(partnerId: ObjectId, query: DealsQuery): Promise<ListAnswer<Deal>> {
      const { limit, cursor, ...asked } = query
      const scope = { partnerId, list: 'deals', query: asked }
      const search = dealSearch(partnerId, query)
      const { items, more, total } = await findPage(deals, {
        ...search,
        limit,
        after: cursor === undefined ? null : cursors.decode(scope, cursor),
      })
      const last = items.at(-1)
      const nextCursor =
        more && last
          ? cursors.encode(scope, {
              value: valueAt(last, search.order.field) as Date,
              id: last._id,
            })
          : null
      return { items: items.map(presentDeal), nextCursor, total }
    },

    /** @throws {NotFound} no such deal of this partner */
    async get(partnerId: ObjectId, id: string): Promise<Deal> {
      const deal = await deals.findOne({ _id: new ObjectId(id), partner_id: partnerId })
      if (!deal) throw new NotFound('This deal')
      return presentDeal(deal)
    },

    /**
     * A new deal, marked to be created in HubSpot in the same write.
     * @throws {UnknownLeads}
     */
    async create(
      partnerId: ObjectId,
      { leadIds = [], stage = null, ...input }: DealCreate,
      by: Editor | null = null,
    ): Promise<Deal> {
      const values = pickValues(input)
      const [lead_ids, { isWritingBack }] = await Promise.all([
        ownLeads(partnerId, leadIds),
        partnerLink(collections, partnerId),
      ])
      const now = clock()
      const fields = [...Object.keys(values), ...(stage === null ? [] : ['stage'])]
      const change = { stage, lead_ids, associations_dirty: lead_ids.length > 0 }
      const deal = createdHere(
        newDeal(partnerId, values, now),
        { change, fields, by },
        { isWritingBack, now },
      )
      await deals.insertOne(deal)
      await onLocalChange(partnerId)
      return presentDeal(deal)
    },

    /**
     * Changes some fields, the stage or the leads, and marks what is to be written to HubSpot in
     * the same write.
     * @throws {StaleRevision} `revision` was given and is not the present one
     * @throws {UnknownLeads}
     * @throws {NotFound}
     */
    async patch(
      partnerId: ObjectId,
      id: string,
      { revision, leadIds, stage, ...input }: DealPatch,
      by: Editor | null = null,
    ): Promise<Deal> {
      const values = pickValues(input)
      const { deal: rules } = await mapping.fieldsFor(partnerId)
      let isChanged = false
      const stored = await editRecord(
        collections,
        kinds.deal,
        partnerId,
        new ObjectId(id),
        async current => {
          if (revision !== undefined && revision !== current.revision)
            throw new StaleRevision(presentDeal(current))
          const changed: string[] = dealFields.filter(
            field => values[field] !== undefined && values[field] !== current.values[field],
          )
          const lead_ids =
            leadIds === undefined ? current.lead_ids : await ownLeads(partnerId, leadIds)
          const isRelinked = sortedIds(lead_ids) !== sortedIds(current.lead_ids)
          if (stage !== undefined && stage !== current.stage) changed.push('stage')
          isChanged = changed.length > 0 || isRelinked
          if (!isChanged) return null
          const stages = await mapping.stagesFor(partnerId, current.portal_id ?? '')
          const change = {
            values: { ...current.values, ...values },
            stage: stage === undefined ? current.stage : stage,
            lead_ids,
            associations_dirty: current.associations_dirty || isRelinked,
          }
          return editedHere(
            kinds.deal,
            current,
            { change, fields: changed, by },
            { rules, stages, now: clock() },
          )
        },
      )
      if (isChanged) await onLocalChange(partnerId)
      return presentDeal(stored)
    },

    ...createOutbox({ collections, clock, mapping }, kinds.deal),
  }
}
export type Deals = ReturnType<typeof createDeals>

function pickValues(input: Partial<DealValues>): Partial<DealValues> {
  const values: Partial<DealValues> = {}
  for (const field of dealFields) if (input[field] !== undefined) values[field] = input[field]
  return values
}

function sortedIds(ids: readonly ObjectId[]): string {
  return ids
    .map(id => id.toHexString())
    .sort()
    .join()
}
