import type { ObjectId } from 'mongodb'
import type { NoticeDelivery, NoticePreferences } from '#shared/contracts/notices'
import type { Role } from '#shared/contracts/account'
import type { HubspotIntegrationDocument } from './integration'
import type { LeaseDocument } from './installation'

/** Partners, their users and sessions. */

export interface PartnerDocument {
  _id: ObjectId
  schema_version: 1
  name: string
  created_at: Date
  hubspot_integration: HubspotIntegrationDocument | null
  /** Held while somebody changes who its admins are */
  people_lease?: LeaseDocument
  /** Its people need a passkey; absent: they need none */
  passkeys_required?: boolean
  /** Where its notices are sent to beside e-mail; absent: nowhere */
  notice_webhook?: {
    /** Sealed envelopes (`database/encryption.ts`): such an address may be a secret in itself */
    url: string
    secret: string
    /** Host and end of the address, for people */
    shown: string
    set_at: Date
    set_by: { user_id: ObjectId; email: string }
    /** What came of the latest delivery */
    last: {
      at: Date
      ok: boolean
      status: number | null
      problem: NoticeDelivery['problem']
    } | null
  }
}

export interface UserDocument {
  _id: ObjectId
  schema_version: 1
  partner_id: ObjectId
  /** Lower case, unique */
  email: string
  /** `scrypt$N$r$p$salt$hash`; `null`: none, such as before an invitation is taken up */
  password_hash: string | null
  role: Role
  disabled: boolean
  /** Made by demo mode: nobody signs in with it while that is off */
  demo?: boolean
  created_at: Date
  /** When somebody invited them; accounts that the operator made have none */
  invited_at?: Date | null
  /** Waits to be taken up; until then nobody can sign in */
  invitation?: SecretLinkDocument | null
  /** A new password may be set with it */
  password_reset?: SecretLinkDocument | null
  /** The last sign-in */
  last_seen_at?: Date | null
  /** How they hear of notices by e-mail; absent, or a kind that is: by their role */
  notice_preferences?: Partial<NoticePreferences>
  /** Notices that go out together in the next daily e-mail */
  notice_digest?: {
    /** Absent while the first is being added */
    due_at?: Date
    items: { id: ObjectId; at: Date; message: string; path: string }[]
  }
  /** Digests of recovery codes that were not used yet */
  recovery_codes?: string[]
}

/** A link that one person got: only a digest of its token is stored. */
export interface SecretLinkDocument {
  /** SHA-256 of the token, base64url */
  token_hash: string
  expires_at: Date
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
  /** When the person last proved who they are, after the sign-in; absent: not since */
  proven_at?: Date
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
