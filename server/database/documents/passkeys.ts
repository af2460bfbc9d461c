import type { Binary, ObjectId } from 'mongodb'

/** Passkeys, what is asked of them, and keys for programs. */

export interface PasskeyDocument {
  _id: ObjectId
  user_id: ObjectId
  partner_id: ObjectId
  /** The authenticator's own name for it, base64url, unique */
  credential_id: string
  /** COSE */
  public_key: Binary
  /** Grows with each use, where the authenticator counts; 0 where it does not */
  counter: number
  transports: string[]
  name: string
  backed_up: boolean
  created_at: Date
  last_used_at: Date | null
}

/** What a passkey has to sign, once. */
export interface PasskeyChallengeDocument {
  /** The challenge itself, base64url: it is no secret */
  _id: string
  purpose: 'register' | 'sign_in' | 'step_up'
  /** `null` before anybody signed in */
  user_id: ObjectId | null
  session_id: ObjectId | null
  expires_at: Date
}

/** A key by which a partner's own program calls the API. */
export interface ServiceKeyDocument {
  _id: ObjectId
  partner_id: ObjectId
  name: string
  /** SHA-256 of the whole key, base64url */
  key_hash: string
  /** Its first characters, by which people tell it from others */
  prefix: string
  scopes: string[]
  created_at: Date
  created_by: { user_id: ObjectId; email: string }
  expires_at: Date | null
  last_used_at: Date | null
  revoked_at: Date | null
}
