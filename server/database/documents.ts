import type { ObjectId } from 'mongodb'
import type { Failure } from '../../shared/contracts/primitives'
import type { HistoryEntry } from '../../shared/contracts/leads'
import type { Role } from '../../shared/contracts/account'
import type { ConnectionStatus } from '../../shared/contracts/connection'
import type { RecordOutcome, RunCounts, RunKind, RunStatus, RunTrigger } from '../../shared/contracts/runs'
import type { ConflictPolicy, FieldDirection, LeadField, SyncState } from '../../shared/leads/fields'
import type { DealStage } from '../../shared/leads/stages'

/** What stands in MongoDB. Dates are BSON dates, our ids ObjectIds, HubSpot's ids strings. */

export interface LeaseDocument {
  owner: string
  /** Grows by one with each holder; every write under the lease carries it */
  fence: number
  until: Date
}

export interface HubspotIntegrationDocument {
  /** Sealed envelopes (`database/envelope.ts`), `null` once forgotten */
  access_token: string | null
  refresh_token: string | null
  expires_at: Date | null
  /** Seconds that the access token lived when it was issued (HubSpot's `expires_in`) */
  expires_in: number | null
  connected_at: Date | null
  last_synced_at: Date | null
  scopes: string[]
  status: Exclude<ConnectionStatus, 'not_connected'>
  /** Set while this partner owns the portal (unique over all partners); unset once disconnected */
  portal_id: string | null
  /** The portal of the latest connection, kept after a disconnect so that the same one resumes */
  last_portal_id: string | null
  account: { ui_domain: string, hublet: string | null, type: string | null, currency: string | null, time_zone: string | null } | null
  connected_by: { user_id: ObjectId, email: string } | null
  /** Grows by one with each grant and refresh: what compare-and-set compares */
  token_version: number
  refresh_lease: LeaseDocument | null
  /** Transient refresh failures in a row, and the instant before which no further try is made */
  refresh_failures: number
  retry_refresh_at: Date | null
  reason: { code: string, message: string, at: Date } | null
  write_back: boolean
  paused: boolean
  next_sync_at: Date | null
  /** A grant of another portal, sealed, waiting for the admin's confirmation */
  pending_grant: { portal_id: string, access_token: string, refresh_token: string | null, expires_at: Date, scopes: string[], account: HubspotIntegrationDocument['account'], until: Date } | null
  /** What a disconnect could not finish at HubSpot; retried in the background until `until` */
  remote_cleanup: { portal_id: string, access_token: string | null, refresh_token: string | null, attempts: number, next_try_at: Date, until: Date } | null
}

export interface PartnerDocument {
  _id: ObjectId
  schema_version: 1
  name: string
  created_at: Date
  hubspot_integration: HubspotIntegrationDocument | null
}

export interface UserDocument {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  /** Lower case, unique */
  email: string
  /** `scrypt$N$r$p$salt$hash` */
  password_hash: string
  role: Role
  disabled: boolean
  created_at: Date
}

export interface SessionDocument {
  _id: ObjectId
  user_id: ObjectId
  partner_id: ObjectId
  created_at: Date
  last_seen_at: Date
  expires_at: Date
  revoked_at: Date | null
  /** Browser and system in a few words (`accounts/browser-name.ts`); sessions of earlier versions have none */
  browser?: string | null
}

export interface LoginAttemptDocument {
  /** `account:…` or `address:…`, hashed */
  _id: string
  failures: number
  window_until: Date
  blocked_until: Date | null
}

export interface OauthAttemptDocument {
  _id: ObjectId
  /** SHA-256 of the state, hexadecimal; the state itself is nowhere */
  state_hash: string
  partner_id: ObjectId
  user_id: ObjectId
  session_id: ObjectId
  /** SHA-256 of the value of the browser's cookie for this attempt */
  browser_hash: string
  provider: 'hubspot'
  purpose: 'connect' | 'marketplace'
  /** HubSpot's page to go back to (marketplace install) */
  return_url: string | null
  confirm_portal_change: boolean
  created_at: Date
  expires_at: Date
  used_at: Date | null
  /** SHA-256 of the code that used it: a reload brings the same one, an injected one is told apart */
  code_hash: string | null
  /** The redirect that the callback answered, so that a reload gets the same */
  outcome: string | null
}

export interface ConnectStartsDocument {
  /** The user */
  _id: ObjectId
  /** When connecting was begun in the last minute; never more than the limit */
  starts: Date[]
  /** The answer to whoever asked last */
  granted: boolean
  last_at: Date
}

export type LeadValues = Record<LeadField, string | null>

/** What travels of a deal. Amounts are decimal strings, days are `YYYY-MM-DD`. */
export interface DealValues {
  name: string | null
  amount: string | null
  currency: string | null
  closeDate: string | null
}

export interface SyncStateDocument {
  state: SyncState
  last_in_at: Date | null
  last_out_at: Date | null
  error: Failure | null
  /** Tries of the present write in a row, and when the next one may be made */
  attempts: number
  next_try_at: Date | null
}

/** One decision of the merge, kept so that "why" can be shown. */
export interface DecisionDocument {
  field: string
  decision: 'kept' | 'took_hubspot' | 'took_local' | 'equal' | 'not_mapped' | 'refused'
  rule: string
  at: Date
}

/** One change of a record, kept with it: the newest last. */
export interface HistoryEntryDocument {
  _id: ObjectId
  at: Date
  side: HistoryEntry['side']
  kind: HistoryEntry['kind']
  by: { user_id: ObjectId, email: string } | null
  fields: HistoryEntry['fields']
}

export interface SyncedDocument<Values> {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  /** The portal that `hubspot_id` belongs to: histories of two portals are kept apart */
  portal_id: string | null
  hubspot_id: string | null
  values: Values
  /** What both sides last agreed on, by property name (HubSpot's text); `null` before the first agreement */
  base: Record<string, string | null> | null
  /** HubSpot's values as last seen, by property name */
  remote: Record<string, string | null> | null
  /** HubSpot's own modification instant of `remote` */
  hubspot_modified_at: Date | null
  /** The instant of the last local change by a person, per field: what `latest_wins` compares */
  changed_at: Record<string, Date>
  decisions: DecisionDocument[]
  /** When HubSpot's present value of a property was first seen; only where a `latest_wins` field needs it */
  remote_at: Record<string, Date>
  /** What happened to it; absent from documents of earlier versions */
  history?: HistoryEntryDocument[]
  /** Grows by one with each change of content, made here or in HubSpot: what an editor compares */
  revision: number
  /** Grows by one with every write by anybody: what sync compares before it writes */
  version: number
  /** The outbox mark: there is something to write to HubSpot */
  dirty: boolean
  lease: LeaseDocument | null
  /** Set before a create is sent to HubSpot, with what is sent: after a crash the object is looked up by it before trying again, whatever was edited since */
  create_intent: { id: string, at: Date, sent?: Record<string, string>, contacts?: string[] } | null
  sync: SyncStateDocument
  /** HubSpot archived or deleted its record at this instant */
  archived_at: Date | null
  /** The run that changed it last, the page it came with and what came of it: re-applying a page after a kill counts the same again */
  last_run: ObjectId | null
  last_page: string | null
  last_outcome: 'created' | 'updated' | 'unchanged' | null
  created_at: Date
  updated_at: Date
}

export interface LeadDocument extends SyncedDocument<LeadValues> {
  /** The e-mail address while the lead has no HubSpot record: unique per partner, and what an arriving contact is linked by */
  local_email: string | null
  /** Lower-case words of name, e-mail and company: prefix search by index */
  search: string[]
}

export interface DealDocument extends SyncedDocument<DealValues> {
  stage: DealStage | null
  /** Our stage that both sides last agreed on; a local change is pending while `stage` differs from it */
  stage_base: DealStage | null
  hubspot_pipeline_id: string | null
  hubspot_stage_id: string | null
  lead_ids: ObjectId[]
  /** HubSpot ids of associated contacts, also those not (yet) imported */
  hubspot_contact_ids: string[]
  /** Associations made here that HubSpot does not have yet / any more */
  associations_dirty: boolean
  search: string[]
}

export interface SyncRunDocument {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  portal_id: string
  kind: RunKind
  status: RunStatus
  trigger: RunTrigger
  /** `true` while queued or running: the unique partial index on it allows one run per partner */
  active: boolean
  phase: string | null
  /** Where to go on after a kill; the shape belongs to the phase */
  checkpoint: Record<string, unknown> | null
  /** Taken before the first page; becomes the partner's watermark when the run succeeds */
  watermark: Date
  counts: RunCounts
  total: number | null
  error: Failure | null
  identical: { compared: number, identical: number, repaired: number } | null
  lease: LeaseDocument | null
  /** The pass that somebody asked for while this run was under way */
  again: { kind: RunKind, trigger: RunTrigger } | null
  queued_at: Date
  started_at: Date | null
  finished_at: Date | null
  /** Changes with every visible change; drives the event stream */
  version: number
  updated_at: Date
}

/** What a run did with one record. No name and no value: those stand with the record. */
export interface RunResultDocument {
  _id: ObjectId
  partner_id: ObjectId
  run_id: ObjectId
  portal_id: string
  /** Direction, object and record: unique within the run, so that a page stored again after a kill tells the same again */
  key: string
  object: 'lead' | 'deal'
  direction: 'in' | 'out'
  outcome: RecordOutcome
  record_id: ObjectId | null
  hubspot_id: string | null
  fields: string[]
  reason: string | null
  error: Failure | null
  at: Date
  /** As long as the run itself is kept */
  expires_at: Date
}

/** Per partner and portal: what incremental sync goes on from. */
export interface SyncCursorDocument {
  /** `<partner id>:<portal id>` */
  _id: string
  partner_id: ObjectId
  portal_id: string
  /** Modified up to here has been seen, with the overlap still to be re-read */
  contacts_watermark: Date | null
  deals_watermark: Date | null
  /** The delayed completeness pass has covered up to here */
  complete_until: Date | null
  archived_checked_at: Date | null
  /** Where the rotating looks over archived records, over our archived ones and over the deals' contacts go on: each run takes a bounded part */
  sweep?: { archived_contacts: string | null, archived_deals: string | null, restored_contacts: string | null, restored_deals: string | null, associations: string | null }
  reconciled_at: Date | null
  initial_done_at: Date | null
  updated_at: Date
}

export interface WebhookEventDocument {
  /** Composite: portal, subscription type, object, property, event id, occurred at, hash of the rest that tells events apart */
  _id: string
  partner_id: ObjectId
  portal_id: string
  subscription_type: string
  object_type: 'contacts' | 'deals'
  object_id: string
  property_name: string | null
  change_source: string | null
  occurred_at: Date
  received_at: Date
  /** Ids that belong to merges and associations; never property values */
  related: { merged_ids?: string[], primary_id?: string, new_id?: string, from_id?: string, to_id?: string, removed?: boolean } | null
  status: 'pending' | 'done' | 'failed'
  lease: LeaseDocument | null
  attempts: number
  processed_at: Date | null
}

export interface StageMappingDocument {
  /** `<partner id>:<portal id>` */
  _id: string
  partner_id: ObjectId
  portal_id: string
  mapping: { pipeline_id: string, stage_id: string, stage: DealStage, write_back: boolean, label: string | null, paused: boolean }[]
  drift: { pipeline_id: string, stage_id: string, kind: 'renamed' | 'archived' | 'deleted' | 'new', since: Date }[]
  /** Stages known at the last look, to tell new ones */
  known_stages: { pipeline_id: string, stage_id: string, label: string }[]
  revision: number
  updated_at: Date
}

export interface FieldMappingDocument {
  /** The partner's id */
  _id: ObjectId
  partner_id: ObjectId
  /** `type` is HubSpot's type of the property when the mapping was stored */
  fields: { object: 'lead' | 'deal', field: string, property: string, direction: FieldDirection, policy: ConflictPolicy, type: string }[]
  revision: number
  updated_at: Date
}

/** A contact whose erasure was asked for: later pages that still carry it must not bring it back. */
export interface ErasedContactDocument {
  /** HMAC of portal and contact id: the id itself is forgotten */
  _id: string
  partner_id: ObjectId
  at: Date
}

export interface AuditDocument {
  _id: ObjectId
  partner_id: ObjectId | null
  /** Who: a user, HubSpot or the system */
  actor: { kind: 'user' | 'hubspot' | 'system', user_id: ObjectId | null, email: string | null }
  action: string
  outcome: 'ok' | 'refused' | 'failed'
  /** Small, closed facts: codes, counts, portal ids. No personal data, no secret. */
  details: Record<string, string | number | boolean | null>
  correlation_id: string | null
  at: Date
}

/** The request budget of one HubSpot portal: what was let go in the present window, and the pause after a 429. */
export interface PaceDocument {
  /** `<portal id>:general` or `<portal id>:search` */
  _id: string
  /** When requests were let go, by the database's clock; never more than one window takes */
  grants: Date[]
  paused_until: Date | null
  /** The answer to whoever asked last: requests let go, and how long to wait for the next otherwise */
  granted: number
  wait_ms: number
  /** What HubSpot last said of its own count, in an answer's headers */
  reported?: { limit: number, remaining: number, daily_limit: number | null, daily_remaining: number | null, at: Date }
}

/** What people have to be told: partner admins in the app and by e-mail, the operator by e-mail. */
export interface NoticeDocument {
  _id: ObjectId
  /** `null`: for the operator */
  partner_id: ObjectId | null
  /** One open notice per partner and key */
  key: string
  kind: string
  message: string
  created_at: Date
  /** The last time that the trouble was reported or seen */
  raised_at: Date
  /** When its e-mail is tried (again); `null` once sent or when none is to be sent */
  email_due_at: Date | null
  email_attempts: number
  emailed_at: Date | null
  resolved_at: Date | null
}

/** One cached answer of HubSpot's schema; may be lost. */
export interface SchemaCacheDocument {
  _id: string
  value: string
  at: Date
}

/** Facts about the installation: key canary, schema. */
export interface MetaDocument {
  _id: string
  [field: string]: unknown
}
