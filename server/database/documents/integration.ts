import type { ObjectId } from 'mongodb'
import type { ConnectionStatus } from '#shared/contracts/connection'
import type { LeaseDocument } from './installation'

/** The connection to HubSpot and how it came about. */

export interface HubspotIntegrationDocument {
  /** Sealed envelopes (`database/encryption.ts`), `null` once forgotten */
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
  account: {
    /** The customer's own domain; absent until HubSpot is asked for the account again */
    domain?: string | null
    ui_domain: string
    hublet: string | null
    type: string | null
    currency: string | null
    time_zone: string | null
    /** When HubSpot was asked last; absent from documents of earlier versions */
    read_at?: Date
  } | null
  connected_by: { user_id: ObjectId; email: string } | null
  /** Grows by one with each grant and refresh: what compare-and-set compares */
  token_version: number
  refresh_lease: LeaseDocument | null
  /** Transient refresh failures in a row, and the instant before which no further try is made */
  refresh_failures: number
  retry_refresh_at: Date | null
  reason: { code: string; message: string; at: Date } | null
  write_back: boolean
  paused: boolean
  /** Who paused it; absent in documents of 0.1.0 and while it is not paused */
  paused_by?: { user_id: ObjectId; email: string } | null
  paused_at?: Date | null
  pause_reason?: string | null
  /** Paused since it was connected: nothing is read until an admin saved what is synced */
  waits_for_scope?: boolean
  /** When it was disconnected here; absent in documents of 0.1.0 */
  disconnected_at?: Date | null
  /** Since when HubSpot's data API fails; absent or `null` while it answers */
  outage?: { since: Date; next_try_at: Date | null } | null
  /** What the latest import, look or comparison failed with; absent or `null` once one succeeds */
  last_failure?: {
    code: string
    at: Date
    /** HubSpot's limit that it met, where HubSpot named it */
    limit?: 'daily' | 'search' | 'requests'
  } | null
  next_sync_at: Date | null
  /** A grant of another portal, sealed, waiting for the admin's confirmation */
  pending_grant: {
    portal_id: string
    access_token: string
    refresh_token: string | null
    expires_at: Date
    scopes: string[]
    account: HubspotIntegrationDocument['account']
    until: Date
    /** Page of HubSpot's where an install goes on; absent where none began there */
    return_url?: string | null
    /** What is synced is chosen before anything is read; absent: no */
    choose_scope?: boolean
  } | null
  /** What a disconnect could not finish at HubSpot; retried in the background until `until` */
  remote_cleanup: {
    portal_id: string
    access_token: string | null
    refresh_token: string | null
    attempts: number
    next_try_at: Date
    until: Date
  } | null
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
  /** What is synced is chosen before anything is read; absent: no */
  choose_scope?: boolean
  created_at: Date
  expires_at: Date
  used_at: Date | null
  /**
   * SHA-256 of the code that used it: a reload brings the same one, an injected one is told apart
   */
  code_hash: string | null
  /** The redirect that the callback answered, so that a reload gets the same */
  outcome: string | null
}

export interface ConnectStartsDocument {
  /** The user */
  _id: ObjectId
  /** When connecting was started in the last minute; never more than the limit */
  starts: Date[]
  /** The answer to whoever asked last */
  granted: boolean
  last_at: Date
}
