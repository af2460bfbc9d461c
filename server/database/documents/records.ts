import type { Decimal128, ObjectId } from 'mongodb'
import type { FailureCause } from '#shared/contracts/failures'
import type { ScopeRule } from '#shared/contracts/scope'
import type { Failure } from '#shared/contracts/primitives'
import type { HistoryEntry } from '#shared/contracts/leads'
import type { DealField, LeadField, SyncState } from '#shared/leads/fields'
import type { DealStage } from '#shared/leads/stages'

/** Leads and deals, and what sync knows of each. */

/** Values of fields that an admin added, by key; beside those that every partner has. */
type OwnValues = Record<string, string | null>

export type LeadValues = Record<LeadField, string | null> & OwnValues

/** What travels of a deal. Amounts are decimal strings, days are `YYYY-MM-DD`. */
export type DealValues = Record<DealField, string | null> & OwnValues

/** A failure as the record keeps it; those of earlier versions have no cause. */
export interface StoredFailure extends Failure {
  cause?: FailureCause
}

export interface SyncStateDocument {
  state: SyncState
  last_in_at: Date | null
  last_out_at: Date | null
  error: StoredFailure | null
  /** Tries of the present write in a row, and when the next one may be made */
  attempts: number
  next_try_at: Date | null
  /**
   * The rule that leaves it out of what is synced, and its words; absent or `null` while it is
   * inside
   */
  scope?: { rule: ScopeRule; message: string; since: Date } | null
}

export interface OwnIndexDocument {
  /** By key: the value in sortable form, and the record's id, so that each stands once */
  sorted: Record<string, string>
  /** By key: the choices of a set of them */
  choices: Record<string, string[]>
}

/** One decision of the merge, kept so that "why" can be shown. */
export interface DecisionDocument {
  field: string
  decision: 'kept' | 'took_hubspot' | 'took_local' | 'merged' | 'equal' | 'not_mapped' | 'refused'
  rule: string
  at: Date
}

/** One change of a record, kept with it: the newest last. */
export interface HistoryEntryDocument {
  _id: ObjectId
  at: Date
  side: HistoryEntry['side']
  kind: HistoryEntry['kind']
  by: { user_id: ObjectId; email: string } | null
  /** With whole values up to a length, `leadIds` as ids: an undo sets them again */
  fields: HistoryEntry['fields']
  /** The run or operation that made the change; absent where a person made it by hand */
  cause?: ObjectId
}

/** An update on its way to HubSpot: what of it arrives from there is no news. */
export interface SendingDocument {
  at: Date
  /** By property; the empty text clears */
  sent: Record<string, string>
  /** HubSpot contact ids to associate with, and to part from (deals) */
  added: string[]
  removed: string[]
}

export interface SyncedDocument<Values> {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  /** The portal that `hubspot_id` belongs to: histories of two portals are kept apart */
  portal_id: string | null
  hubspot_id: string | null
  values: Values
  /**
   * Values of own fields in the form in which lists find and sort them; absent where there are none
   */
  own_index?: OwnIndexDocument
  /**
   * What both sides last agreed on, by property name (HubSpot's text); `null` before the first
   * agreement
   */
  base: Record<string, string | null> | null
  /**
   * By property, the day that `base` was read as: only where that hangs on the account's time zone.
   * Absent from documents of earlier versions
   */
  base_days?: Record<string, string | null>
  /** HubSpot's values as last seen, by property name */
  remote: Record<string, string | null> | null
  /** HubSpot's own modification instant of `remote` */
  hubspot_modified_at: Date | null
  /**
   * The modification instant that was last read. The answer to a write moves only the other one: it
   * does not show what somebody changed in HubSpot a moment before the write.
   */
  hubspot_seen_at?: Date | null
  /** The instant of the last local change by a person, per field: what `latest_wins` compares */
  changed_at: Record<string, Date>
  decisions: DecisionDocument[]
  /**
   * When HubSpot's present value of a property was first seen; only where a `latest_wins` field
   * needs it
   */
  remote_at: Record<string, Date>
  /** The run that brought it here from HubSpot; absent where it was made here, or earlier */
  imported_by?: ObjectId
  /** What happened to it; absent from documents of earlier versions */
  history?: HistoryEntryDocument[]
  /** Grows by one with each change of content, made here or in HubSpot: what an editor compares */
  revision: number
  /** Grows by one with every write by anybody: what sync compares before it writes */
  version: number
  /** The outbox mark: there is something to write to HubSpot */
  dirty: boolean
  /**
   * Set before a create is sent to HubSpot, with what is sent: after a crash the object is looked
   * up by it before trying again, whatever was edited since. `unclear_at`: when it was first seen
   * that nobody knows what became of it
   */
  create_intent: {
    id: string
    at: Date
    unclear_at?: Date
    sent?: Record<string, string>
    contacts?: string[]
    /** The object that it was found to have made: `base` is what was agreed with that one */
    object_id?: string
  } | null
  /** What the latest update sends, until its answer is stored; absent from earlier documents */
  sending?: SendingDocument | null
  sync: SyncStateDocument
  /** HubSpot archived or deleted its record at this instant */
  archived_at: Date | null
  /**
   * Another account was connected at this instant: nothing of the record is in step with it. Absent
   * from documents of earlier versions
   */
  detached_at?: Date | null
  /**
   * The run that changed it last, the page it came with and what came of it: re-applying a page
   * after a kill counts the same again
   */
  last_run: ObjectId | null
  last_page: string | null
  last_outcome: 'created' | 'updated' | 'unchanged' | null
  created_at: Date
  updated_at: Date
}

export interface LeadDocument extends SyncedDocument<LeadValues> {
  /**
   * The e-mail address while the lead has no HubSpot record: unique per partner, and what an
   * arriving contact is linked by
   */
  local_email: string | null
  /** Lower-case words of name, e-mail and company: prefix search by index */
  search: string[]
}

/** What a record has that passes through stages. */
export interface StageDocument {
  stage: DealStage | null
  /**
   * Our stage that both sides last agreed on; a local change is pending while `stage` differs from
   * it
   */
  stage_base: DealStage | null
  hubspot_pipeline_id: string | null
  hubspot_stage_id: string | null
}

/** What a record has that is associated with leads. */
export interface AssociationsDocument {
  lead_ids: ObjectId[]
  /** HubSpot ids of associated contacts, also those not (yet) imported */
  hubspot_contact_ids: string[]
  /** Associations made here that HubSpot does not have yet / any more */
  associations_dirty: boolean
  /** Those made here wait for leads whose contacts HubSpot archived: nothing can be written */
  associations_stuck?: boolean
  /** When HubSpot's associations were last read or written: what was read before says less */
  associations_read_at?: Date | null
}

export interface DealDocument
  extends SyncedDocument<DealValues>, StageDocument, AssociationsDocument {
  search: string[]
  /** The amount as a number, for sorting; absent from documents of earlier versions */
  amount_key?: Decimal128 | null
}

/** The documents by kind of record. A new kind is a line here and a row in `records/kinds.ts`. */
export interface KindDocuments {
  lead: LeadDocument
  deal: DealDocument
}
export type KindName = keyof KindDocuments
export type DocumentOf<K extends KindName> = KindDocuments[K]
export type AnyRecord = DocumentOf<KindName>
