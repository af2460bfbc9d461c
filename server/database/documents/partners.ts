import type { ObjectId } from 'mongodb'
import type { Role } from '#shared/contracts/account'
import type { HubspotIntegrationDocument } from './integration'

/** Partners, their users and sessions. */

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
  /**
   * Browser and system in a few words (`accounts/browser-name.ts`); sessions of earlier versions
   * have none
   */
  browser?: string | null
}

export interface LoginAttemptDocument {
  /** `pair:…`, `account:…`, `address:…` or `browser:…`, hashed */
  _id: string
  /** Attempts in the window that did not succeed, those under way included */
  failures: number
  window_until: Date
  blocked_until: Date | null
  /** The answer to whoever asked last; counters of earlier versions have none */
  granted?: boolean
}
