import { ObjectId } from 'mongodb'
import type { Lead, LeadCreate, LeadPatch, LeadsQuery } from '#shared/contracts/leads'
import { leadFields } from '#shared/leads/fields'
import type { LeadValues } from '../database/documents'
import { isDuplicateKey } from '../database/duplicate-key'
import { findPage, valueAt } from '../database/paging'
import { NotFound } from '../errors'
import { createdHere, editedHere } from '../records/local-change'
import { noStages } from '../records/merge-stage'
import { newLead } from '../records/blank'
import { editRecord } from '../records/repository/edit'
import { partnerLink } from './partner-link'
import { EmailTaken, StaleRevision } from './errors'
import type { Editor } from '../records/history'
import { leadSearch } from './listing'
import { kinds } from '../records/kinds'
import { createOutbox } from '../records/outbox'
import { presentLead } from '../records/presenters'
import type { RecordDeps } from './index'

export interface ListAnswer<T> {
  items: T[]
  nextCursor: string | null
  /** `null` where counting would cost */
  total: number | null
}

/**
 * A partner's leads: rules and repository. Every function takes the partner first; another
 * partner's lead does not exist.
 */
export function createLeads({ collections, clock, mapping, cursors, onLocalChange }: RecordDeps) {
  const { leads } = collections

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
    const others = await leads
      .find({ partner_id: partnerId, 'values.email': email }, { projection: { _id: 1 } })
      .limit(2)
      .toArray()
    if (others.some(other => !self || !other._id.equals(self))) throw new EmailTaken()
  }

  return {
    async list(partnerId: ObjectId, query: LeadsQuery): Promise<ListAnswer<Lead>> {
      const { limit, cursor, ...asked } = query
      const scope = { partnerId, list: 'leads', query: asked }
      const search = await leadSearch(leads, partnerId, query)
      const { items, more, total } = await findPage(leads, {
        ...search,
        limit,
        after: cursor === undefined ? null : cursors.decode(scope, cursor),
      })
      const last = items.at(-1)
      const nextCursor =
        more && last
          ? cursors.encode(scope, {
              value: valueAt(last, search.order.field) as string | Date | null,
              id: last._id,
            })
          : null
      return { items: items.map(presentLead), nextCursor, total }
    },

    /** @throws {NotFound} no such lead of this partner */
    async get(partnerId: ObjectId, id: string): Promise<Lead> {
      const lead = await leads.findOne({ _id: new ObjectId(id), partner_id: partnerId })
      if (!lead) throw new NotFound('This lead')
      return presentLead(lead)
    },

    /**
     * A new lead, marked to be created in HubSpot in the same write.
     * @throws {EmailTaken}
     */
    async create(partnerId: ObjectId, input: LeadCreate, by: Editor | null = null): Promise<Lead> {
      const values = pickValues(input)
      await assertEmailFree(partnerId, values.email ?? null, null)
      const { isWritingBack } = await partnerLink(collections, partnerId)
      const now = clock()
      const lead = createdHere(
        newLead(partnerId, values, now),
        { change: {}, fields: Object.keys(values), by },
        { isWritingBack, now },
      )
      await leads.insertOne(lead).catch((error: unknown) => {
        throw isDuplicateKey(error) ? new EmailTaken() : error
      })
      await onLocalChange(partnerId)
      return presentLead(lead)
    },

    /**
     * Changes some fields, and marks what is to be written to HubSpot in the same write.
     * @throws {StaleRevision} `revision` was given and is not the present one
     * @throws {EmailTaken}
     * @throws {NotFound}
     */
    async patch(
      partnerId: ObjectId,
      id: string,
      { revision, ...input }: LeadPatch,
      by: Editor | null = null,
    ): Promise<Lead> {
      const values = pickValues(input)
      const { lead: rules } = await mapping.fieldsFor(partnerId)
      let isChanged = false
      const stored = await editRecord(
        collections,
        kinds.lead,
        partnerId,
        new ObjectId(id),
        async current => {
          if (revision !== undefined && revision !== current.revision)
            throw new StaleRevision(presentLead(current))
          const changed = leadFields.filter(
            field => values[field] !== undefined && values[field] !== current.values[field],
          )
          isChanged = changed.length > 0
          if (!isChanged) return null
          if (changed.includes('email'))
            await assertEmailFree(partnerId, values.email ?? null, current._id)
          return editedHere(
            kinds.lead,
            current,
            { change: { values: { ...current.values, ...values } }, fields: changed, by },
            { rules, stages: noStages, now: clock() },
          )
        },
      ).catch((error: unknown) => {
        throw isDuplicateKey(error) ? new EmailTaken() : error
      })
      if (isChanged) await onLocalChange(partnerId)
      return presentLead(stored)
    },

    ...createOutbox({ collections, clock, mapping }, kinds.lead),
  }
}
export type Leads = ReturnType<typeof createLeads>

/** The given fields, and nothing else of what came in. */
function pickValues(input: Partial<LeadValues>): Partial<LeadValues> {
  const values: Partial<LeadValues> = {}
  for (const field of leadFields) if (input[field] !== undefined) values[field] = input[field]
  return values
}
