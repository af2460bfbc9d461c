import type { RunResultDocument, WebhookEventDocument } from '../../database/documents'

/** One event for each failed record, however often its retry is asked for. */
export function retryEventId({
  partner_id,
  portal_id,
  object,
  hubspot_id,
}: Pick<RunResultDocument, 'partner_id' | 'portal_id' | 'object' | 'hubspot_id'>): string {
  return `retry|${partner_id.toHexString()}|${portal_id}|${object}|${hubspot_id ?? ''}`
}

/** Has a failed record read again, as if HubSpot had sent an event. */
export function retryEvent(
  result: RunResultDocument & { hubspot_id: string },
  now: Date,
): Omit<WebhookEventDocument, '_id'> {
  return {
    partner_id: result.partner_id,
    portal_id: result.portal_id,
    subscription_type: result.object === 'lead' ? 'contact.retry' : 'deal.retry',
    object_type: result.object === 'lead' ? 'contacts' : 'deals',
    object_id: result.hubspot_id,
    occurred_at: now,
    received_at: now,
    related: null,
    status: 'pending',
    attempts: 0,
    processed_at: null,
  }
}
