import { createHmac } from 'node:crypto'
import { mainPortalId } from '../../simulator/control-client'

/** An event of HubSpot's about a contact; `eventId` tells it apart. */
export function webhookEvent(
  eventId: number,
  fields: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    eventId,
    subscriptionId: 1,
    portalId: mainPortalId,
    appId: 1,
    occurredAt: 1_790_000_000_000,
    subscriptionType: 'contact.propertyChange',
    attemptNumber: 0,
    objectId: 1 + (eventId % 50),
    propertyName: 'firstname',
    propertyValue: `Value ${eventId}`,
    changeSource: 'CRM_UI',
    ...fields,
  }
}

function signatureOf(
  url: string,
  secret: string,
  body: string | Uint8Array,
  timestamp: string,
): string {
  return createHmac('sha256', secret)
    .update(`POST${url}`)
    .update(body)
    .update(timestamp)
    .digest('base64')
}

/** A delivery's body and what HubSpot's headers say of it. */
export function signDelivery(
  url: string,
  secret: string,
  events: readonly object[],
): { body: string; signature: string; timestamp: string } {
  const body = JSON.stringify(events)
  const timestamp = String(Date.now())
  return { body, signature: signatureOf(url, secret, body, timestamp), timestamp }
}

/** One delivery, signed as HubSpot signs it. */
export function deliverWebhook(
  url: string,
  secret: string,
  events: readonly object[],
): Promise<Response> {
  return deliverBody(url, secret, JSON.stringify(events))
}

/**
 * A body of any shape, signed as HubSpot signs it.
 * @param timestamp milliseconds since 1970, in digits
 */
export async function deliverBody(
  url: string,
  secret: string,
  body: string | Uint8Array,
  timestamp = String(Date.now()),
): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signatureOf(url, secret, body, timestamp),
      'x-hubspot-request-timestamp': timestamp,
    },
  })
}
