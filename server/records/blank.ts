import { Decimal128, ObjectId } from 'mongodb'
import { dealFields, leadFields } from '#shared/leads/fields'
import type {
  DealDocument,
  DealValues,
  LeadDocument,
  LeadValues,
  SyncedDocument,
} from '../database/documents'
import { derivedOwn } from './own-values'
import { searchWords } from './search-words'

/**
 * What later writes add is named here as well, without a value, and is not stored: records of one
 * shape are copied twenty times faster than those of many.
 */
function blank<V>(partnerId: ObjectId, values: V, now: Date): SyncedDocument<V> {
  return {
    _id: new ObjectId(),
    schema_version: 1,
    partner_id: partnerId,
    portal_id: null,
    hubspot_id: null,
    values,
    own_index: undefined,
    base: null,
    base_days: {},
    remote: null,
    hubspot_modified_at: null,
    hubspot_seen_at: undefined,
    changed_at: {},
    decisions: [],
    history: [],
    remote_at: {},
    imported_by: undefined,
    revision: 0,
    version: 0,
    dirty: false,
    create_intent: null,
    sending: undefined,
    sync: {
      state: 'unlinked',
      last_in_at: null,
      last_out_at: null,
      error: null,
      attempts: 0,
      next_try_at: null,
    },
    archived_at: null,
    detached_at: null,
    last_run: null,
    last_page: null,
    last_outcome: null,
    created_at: now,
    updated_at: now,
  }
}

/** A lead that no HubSpot contact is known for. */
export function newLead(partnerId: ObjectId, values: Partial<LeadValues>, now: Date): LeadDocument {
  const all: LeadValues = {
    email: null,
    firstName: null,
    lastName: null,
    phone: null,
    company: null,
    jobTitle: null,
    lifecycleStage: null,
    ...values,
  }
  const record = blank(partnerId, all, now)
  return {
    ...record,
    ...derivedOwn(record._id, all, leadFields),
    local_email: all.email,
    search: leadSearchWords(all),
  }
}

/** A deal that no HubSpot deal is known for. */
export function newDeal(partnerId: ObjectId, values: Partial<DealValues>, now: Date): DealDocument {
  const all: DealValues = { name: null, amount: null, currency: null, closeDate: null, ...values }
  const record = blank(partnerId, all, now)
  return {
    ...record,
    ...derivedOwn(record._id, all, dealFields),
    stage: null,
    stage_base: null,
    hubspot_pipeline_id: null,
    hubspot_stage_id: null,
    lead_ids: [],
    hubspot_contact_ids: [],
    associations_dirty: false,
    associations_stuck: undefined,
    associations_read_at: undefined,
    search: dealSearchWords(all),
    amount_key: amountKey(all),
  }
}

export function leadSearchWords(values: LeadValues): string[] {
  return searchWords([values.firstName, values.lastName, values.email, values.company])
}

export function dealSearchWords(values: DealValues): string[] {
  return searchWords([values.name])
}

/** @returns the amount as the database sorts numbers */
export function amountKey({ amount }: Pick<DealValues, 'amount'>): Decimal128 | null {
  return amount === null ? null : Decimal128.fromString(amount)
}
