import { ObjectId } from 'mongodb'
import type { Deal, DealCreate, DealPatch } from '#shared/contracts/leads'
import type { DealsQuery } from '#shared/contracts/lists'
import { dealFields } from '#shared/leads/fields'
import { NotFound } from '../errors'
import { newDeal } from '../records/blank'
import type { Editor } from '../records/history'
import { kinds } from '../records/kinds'
import { createdHere, editedHere } from '../records/local-change'
import { createOutbox } from '../records/outbox'
import { presentDeal } from '../records/presenters'
import { editRecord } from '../records/repository/edit'
import { withInnerNames } from './choices'
import { createOnce, type Made } from './create-once'
import type { EditBy, Edited, RecordDeps } from './deps'
import { StaleRevision, UnknownLeads } from './errors'
import { changedFields, checkInput } from './input'
import { listAnswer, type ListAnswer } from './list-answer'
import { createListRepository } from './list-repository'
import { createLeadsRepository } from './repository'

const dealInput = { name: 'deal', fields: dealFields } as const

/** A partner's deals: what people do with them. @see createLeads */
export function createDeals({ collections, clock, mapping, cursors, onLocalChange }: RecordDeps) {
  const repository = createLeadsRepository(collections)
  const lists = createListRepository(collections)
  const once = createOnce(collections, clock)

  /** @throws {UnknownLeads} an id that is no lead of this partner */
  async function ownLeads(partnerId: ObjectId, ids: readonly string[]): Promise<ObjectId[]> {
    const wanted = await repository.presentIds(
      partnerId,
      [...new Set(ids)].map(id => new ObjectId(id)),
    )
    if (wanted.length === 0) return []
    const found = await repository.countLeads(partnerId, wanted)
    if (found !== wanted.length) throw new UnknownLeads()
    return wanted
  }

  /** @see checkInput: the values of a change */
  const checkPatch = (partnerId: ObjectId, input: DealPatch) =>
    checkInput(mapping, dealInput, partnerId, input, { isNew: false })

  /**
   * Changes some fields, the stage or the leads, and marks what is to be written to HubSpot in
   * the same write.
   * Starts nothing: the caller does.
   * @throws {StaleRevision} `revision` was given and is not the present one
   * @throws {UnknownLeads}
   * @throws {NotFound}
   */
  async function edit(
    partnerId: ObjectId,
    id: string,
    { revision, leadIds, stage, ...input }: DealPatch,
    { by = null, cause }: EditBy,
  ): Promise<Edited<Deal>> {
    const { given, rules, own } = await checkPatch(partnerId, input)
    let isChanged = false
    const dealId = new ObjectId(id)
    const stored = await editRecord(collections, kinds.deal, partnerId, dealId, async current => {
      if (revision !== undefined && revision !== current.revision)
        throw new StaleRevision(presentDeal(current, own))
      const fields = changedFields(given, current.values)
      if (stage !== undefined && stage !== current.stage) fields.push('stage')
      const lead_ids = leadIds === undefined ? current.lead_ids : await ownLeads(partnerId, leadIds)
      const isRelinked = sortedIds(lead_ids) !== sortedIds(current.lead_ids)
      isChanged = fields.length > 0 || isRelinked
      if (!isChanged) return null
      const stages = await mapping.stagesFor(partnerId, current.portal_id ?? '')
      const change = {
        values: { ...current.values, ...given },
        stage: stage === undefined ? current.stage : stage,
        lead_ids,
        associations_dirty: current.associations_dirty || isRelinked,
        associations_stuck: (current.associations_stuck ?? false) && !isRelinked,
      }
      return editedHere(
        kinds.deal,
        current,
        { change, fields, by, cause },
        { rules, stages, now: clock() },
      )
    })
    return { record: presentDeal(stored, own), isChanged }
  }

  async function get(partnerId: ObjectId, id: ObjectId): Promise<Deal> {
    const [deal, { deal: own }] = await Promise.all([
      repository.find(kinds.deal, partnerId, id),
      mapping.ownFieldsOf(partnerId),
    ])
    if (!deal) throw new NotFound(kinds.deal.title)
    return presentDeal(deal, own)
  }

  /** @param id the id that it gets; `null`: a new one */
  async function store(
    partnerId: ObjectId,
    { leadIds = [], stage = null, ...input }: DealCreate,
    by: Editor | null,
    id: ObjectId | null = null,
  ): Promise<Deal> {
    const { given: values, own } = await checkInput(mapping, dealInput, partnerId, input, {
      isNew: true,
    })
    const [lead_ids, isWritingBack] = await Promise.all([
      ownLeads(partnerId, leadIds),
      repository.isWritingBack(partnerId),
    ])
    const now = clock()
    const fields = [...Object.keys(values), ...(stage === null ? [] : ['stage'])]
    const change = { stage, lead_ids, associations_dirty: lead_ids.length > 0 }
    const deal = createdHere(
      { ...newDeal(partnerId, values, now), ...(id ? { _id: id } : {}) },
      { change, fields, by },
      { isWritingBack, now },
    )
    await repository.insert(kinds.deal, deal)
    await onLocalChange(partnerId)
    return presentDeal(deal, own)
  }

  return {
    async list(partnerId: ObjectId, asked: DealsQuery): Promise<ListAnswer<Deal>> {
      const query = await withInnerNames({ mapping, lists }, kinds.deal, partnerId, asked)
      return await listAnswer({ kind: kinds.deal, cursors, mapping }, partnerId, query, page =>
        lists.list(kinds.deal, partnerId, query, page),
      )
    },

    /** @throws {NotFound} no such deal of this partner */
    get: (partnerId: ObjectId, id: string): Promise<Deal> => get(partnerId, new ObjectId(id)),

    /**
     * A new deal, marked to be created in HubSpot in the same write.
     * @throws {UnknownLeads}
     * @throws {FieldNotEditable}
     */
    create: (partnerId: ObjectId, input: DealCreate, by: Editor | null = null): Promise<Deal> =>
      store(partnerId, input, by),

    /**
     * The same once, however often the request is sent.
     * @param key the request's `Idempotency-Key`
     * @throws {UnknownLeads}
     * @throws {DomainError} `idempotency_key_reused`
     */
    createOnce: (
      partnerId: ObjectId,
      key: string | undefined,
      input: DealCreate,
      by: Editor,
    ): Promise<Made<Deal>> =>
      once({
        partnerId,
        kind: 'deal',
        key,
        body: input,
        store: id => store(partnerId, input, by, id),
        read: id => get(partnerId, id),
      }),

    /** @see edit: without a start of the write-back, for many records one after the other */
    edit,
    checkPatch,

    /** Changes some fields; what is to be written to HubSpot is. @throws as `edit` */
    async patch(
      partnerId: ObjectId,
      id: string,
      patch: DealPatch,
      by: Editor | null = null,
    ): Promise<Deal> {
      const { record, isChanged } = await edit(partnerId, id, patch, { by })
      if (isChanged) await onLocalChange(partnerId)
      return record
    },

    ...createOutbox({ collections, clock, mapping }, kinds.deal),
  }
}
export type Deals = ReturnType<typeof createDeals>

function sortedIds(ids: readonly ObjectId[]): string {
  return ids
    .map(id => id.toHexString())
    .sort()
    .join()
}
