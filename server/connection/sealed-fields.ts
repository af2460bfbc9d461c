import type { ObjectId } from 'mongodb'
import type { EnvelopePlace } from '../database/encryption'

/**
 * Where envelopes stand; each name is part of what its envelope is bound to. They stand below
 * `hubspot_integration`, but for those of the partner itself.
 */
export const sealedFields = [
  'access_token',
  'refresh_token',
  'pending_grant.access_token',
  'pending_grant.refresh_token',
  'remote_cleanup.access_token',
  'remote_cleanup.refresh_token',
  'notice_webhook.url',
  'notice_webhook.secret',
] as const
export type SealedField = (typeof sealedFields)[number]

/** @returns where a sealed field stands on the partner's document */
export function sealedPath(field: SealedField): string {
  return field.startsWith('notice_webhook.') ? field : `hubspot_integration.${field}`
}

export const sealedPlace = (partnerId: ObjectId, field: SealedField): EnvelopePlace => ({
  partnerId: partnerId.toHexString(),
  field,
})
