import type { RunResultDocument, WebhookEventDocument } from '../../database/documents'

/**
 * The hint that a failed record is to be read again: one per record, however often it is asked for.
 */
export function retryEventId({
  partner_id,
  portal_id,
  object,
  hubspot_id,
}: Pick<RunResultDocument, 'partner_id' | 'portal_id' | 'object' | 'hubspot_id'>): string {
  return `retry|${partner_id.toHexString()}|${portal_id}|${object}|${hubspot_id ?? ''}`
}

/** As a webhook would bring it: the record as HubSpot has it then decides. */
export function retryEvent(
  result: RunResultDocument & { hubspot_id: string },
  now: Date,
): WebhookEventDocument {
  return {
    _id: retryEventId(result),
    partner_id: result.partner_id,
    portal_id: result.portal_id,
    subscription_type: result.object === 'lead' ? 'contact.retry' : 'deal.retry',
    object_type: result.object === 'lead' ? 'contacts' : 'deals',
    object_id: result.hubspot_id,
    property_name: null,
    change_source: null,
    occurred_at: now,
    received_at: now,
    related: null,
    status: 'pending',
    lease: null,
    attempts: 0,
    processed_at: null,
  }
}
