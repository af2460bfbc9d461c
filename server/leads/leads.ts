import { ObjectId } from 'mongodb'
import type { Lead, LeadCreate, LeadPatch } from '#shared/contracts/leads'
import type { LeadsQuery } from '#shared/contracts/lists'
import { leadFields } from '#shared/leads/fields'
import { isDuplicateKey } from '../database/duplicate-key'
import { NotFound } from '../errors'
import { newLead } from '../records/blank'
import type { Editor } from '../records/history'
import { kinds } from '../records/kinds'
import { createdHere, editedHere } from '../records/local-change'
import { noStages } from '../records/merge-stage'
import { createOutbox } from '../records/outbox'
import { presentLead } from '../records/presenters'
import { editRecord } from '../records/repository/edit'
import { withInnerNames } from './choices'
import { createOnce, type Made } from './create-once'
import type { EditBy, Edited, RecordDeps } from './deps'
import { EmailTaken, StaleRevision } from './errors'
import { changedFields, checkInput } from './input'
import { listAnswer, type ListAnswer } from './list-answer'
import { createListRepository } from './list-repository'
import { createLeadsRepository } from './repository'
import { createTakeUp } from './take-up'

const leadInput = { name: 'lead', fields: leadFields } as const

/**
 * A partner's leads: what people do with them. Every function takes the partner first; another
 * partner's lead does not exist.
 */
export function createLeads({ collections, clock, mapping, cursors, onLocalChange }: RecordDeps) {
  const repository = createLeadsRepository(collections)
  const lists = createListRepository(collections)
  const once = createOnce(collections, clock)
  const takeUp = createTakeUp({ collections, repository, clock })

  /**
   * @throws {EmailTaken} an address belongs to one lead; the unique index settles what two requests
   *   do at once
   */
  async function assertEmailFree(
    partnerId: ObjectId,
    email: string | null,
    self: ObjectId | null,
  ): Promise<void> {
    if (email === null) return
    const ids = await repository.idsOfEmail(partnerId, email)
    if (ids.some(id => !self || !id.equals(self))) throw new EmailTaken()
  }

  const emailTaken = (error: unknown): never => {
    throw isDuplicateKey(error) ? new EmailTaken() : error
  }

  /** @see checkInput: the values of a change */
  const checkPatch = (partnerId: ObjectId, input: LeadPatch) =>
    checkInput(mapping, leadInput, partnerId, input, { isNew: false })

  /**
   * Changes some fields, and marks what is to be written to HubSpot in the same write.
   * Starts nothing: the caller does.
   * @throws {StaleRevision} `revision` was given and is not the present one
   * @throws {EmailTaken}
   * @throws {NotFound}
   */
  async function edit(
    partnerId: ObjectId,
    id: string,
    { revision, ...input }: LeadPatch,
    { by = null, cause }: EditBy,
  ): Promise<Edited<Lead>> {
    const { given, rules, own } = await checkPatch(partnerId, input)
    let isChanged = false
    const leadId = new ObjectId(id)
    const stored = await editRecord(collections, kinds.lead, partnerId, leadId, async current => {
      if (revision !== undefined && revision !== current.revision)
        throw new StaleRevision(presentLead(current, own))
      const fields = changedFields(given, current.values)
      isChanged = fields.length > 0
      if (!isChanged) return null
      if (fields.includes('email'))
        await assertEmailFree(partnerId, given.email ?? null, current._id)
      return editedHere(
        kinds.lead,
        current,
        { change: { values: { ...current.values, ...given } }, fields, by, cause },
        { rules, stages: noStages, now: clock() },
      )
    }).catch(emailTaken)
    return { record: presentLead(stored, own), isChanged }
  }

  async function get(partnerId: ObjectId, id: ObjectId): Promise<Lead> {
    const [lead, { lead: own }] = await Promise.all([
      repository.find(kinds.lead, partnerId, id),
      mapping.ownFieldsOf(partnerId),
    ])
    if (!lead) throw new NotFound(kinds.lead.title)
    return presentLead(lead, own)
  }

  /**
   * @see store: without a start of the write-back
   * @param id the id that it gets; `null`: a new one
   */
  async function createFor(
    partnerId: ObjectId,
    input: LeadCreate,
    { by = null, cause, id }: EditBy & { id: ObjectId | null },
  ): Promise<Lead> {
    const { given: values, own } = await checkInput(mapping, leadInput, partnerId, input, {
      isNew: true,
    })
    await assertEmailFree(partnerId, values.email ?? null, null)
    const taken = await takeUp(partnerId, values, { by, cause, id }).catch(emailTaken)
    if (taken) return presentLead(taken, own)
    const isWritingBack = await repository.isWritingBack(partnerId)
    const now = clock()
    const lead = createdHere(
      { ...newLead(partnerId, values, now), ...(id ? { _id: id } : {}) },
      { change: {}, fields: Object.keys(values), by, cause },
      { isWritingBack, now },
    )
    await repository.insert(kinds.lead, lead).catch(emailTaken)
    return presentLead(lead, own)
  }

  /** @param id the id that it gets; `null`: a new one */
  async function store(
    partnerId: ObjectId,
    input: LeadCreate,
    by: Editor | null,
    id: ObjectId | null = null,
  ): Promise<Lead> {
    const lead = await createFor(partnerId, input, { by, id })
    await onLocalChange(partnerId)
    return lead
  }

  return {
    async list(partnerId: ObjectId, asked: LeadsQuery): Promise<ListAnswer<Lead>> {
      const query = await withInnerNames({ mapping, lists }, kinds.lead, partnerId, asked)
      return await listAnswer({ kind: kinds.lead, cursors, mapping }, partnerId, query, page =>
        lists.list(kinds.lead, partnerId, query, page),
      )
    },

    /** @throws {NotFound} no such lead of this partner */
    get: (partnerId: ObjectId, id: string): Promise<Lead> => get(partnerId, new ObjectId(id)),

    /**
     * A new lead, marked to be created in HubSpot in the same write.
     * @throws {EmailTaken}
     * @throws {FieldNotEditable}
     */
    create: (partnerId: ObjectId, input: LeadCreate, by: Editor | null = null): Promise<Lead> =>
      store(partnerId, input, by),

    /**
     * The same once, however often the request is sent.
     * @param key the request's `Idempotency-Key`
     * @throws {EmailTaken}
     * @throws {DomainError} `idempotency_key_reused`
     */
    createOnce: (
      partnerId: ObjectId,
      key: string | undefined,
      input: LeadCreate,
      by: Editor,
    ): Promise<Made<Lead>> =>
      once({
        partnerId,
        kind: 'lead',
        key,
        body: input,
        store: id => store(partnerId, input, by, id),
        read: id => get(partnerId, id),
      }),

    /** A new lead of an operation, for many one after the other: starts nothing. */
    createFor,

    /** @see edit: without a start of the write-back, for many records one after the other */
    edit,
    checkPatch,

    /** Changes some fields; what is to be written to HubSpot is. @throws as `edit` */
    async patch(
      partnerId: ObjectId,
      id: string,
      patch: LeadPatch,
      by: Editor | null = null,
    ): Promise<Lead> {
      const { record, isChanged } = await edit(partnerId, id, patch, { by })
      if (isChanged) await onLocalChange(partnerId)
      return record
    },

    ...createOutbox({ collections, clock, mapping }, kinds.lead),
  }
}
export type Leads = ReturnType<typeof createLeads>
