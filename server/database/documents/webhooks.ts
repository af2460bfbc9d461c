import type { ObjectId } from 'mongodb'

/** HubSpot's notifications, and the erasures that were asked for. */

/** Documents of earlier versions hold more fields; nothing reads those. */
export interface WebhookEventDocument {
  /**
   * Composite: portal, subscription type, object, property, event id, occurred at, hash of the rest
   * that tells events apart
   */
  _id: string
  partner_id: ObjectId
  portal_id: string
  subscription_type: string
  object_type: 'contacts' | 'deals'
  object_id: string
  occurred_at: Date
  received_at: Date
  /** The records of a merge; never property values */
  related: { merged_ids?: string[]; primary_id?: string } | null
  status: 'pending' | 'done' | 'failed'
  /** How often HubSpot refused to read the object */
  attempts: number
  processed_at: Date | null
  /** Not looked at before this: the contact of a privacy deletion still answered */
  not_before?: Date
}

/**
 * A contact whose erasure was asked for: later pages that still carry it must not bring it back.
 */
export interface ErasedContactDocument {
  /** HMAC of portal and contact id: the id itself is forgotten */
  _id: string
  partner_id: ObjectId
  at: Date
}
