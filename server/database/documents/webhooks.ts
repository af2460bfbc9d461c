import type { ObjectId } from 'mongodb'
import type { LeaseDocument } from './operations'

/** HubSpot's notifications, and the erasures asked for. */

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
  property_name: string | null
  change_source: string | null
  occurred_at: Date
  received_at: Date
  /** Ids that belong to merges and associations; never property values */
  related: {
    merged_ids?: string[]
    primary_id?: string
    new_id?: string
    from_id?: string
    to_id?: string
    removed?: boolean
  } | null
  status: 'pending' | 'done' | 'failed'
  lease: LeaseDocument | null
  attempts: number
  processed_at: Date | null
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
