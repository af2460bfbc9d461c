import type { ObjectId } from 'mongodb'
import type { RunResultDocument, WebhookEventDocument } from '../../database/documents'
import type { WebhookEvent } from './parse'

/** An event of HubSpot's as the inbox holds it. */
export function documentOf(
  event: WebhookEvent,
  partnerId: ObjectId,
  now: Date,
): WebhookEventDocument {
  return {
    _id: event.id,
    partner_id: partnerId,
    portal_id: event.portalId,
    subscription_type: event.subscriptionType,
    object_type: event.objectType,
    object_id: event.objectId,
    occurred_at: event.occurredAt,
    received_at: now,
    related: event.related,
    status: 'pending',
    attempts: 0,
    processed_at: null,
  }
}

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
