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

/** A delivery's body and what HubSpot's headers say of it. */
export function signDelivery(
  url: string,
  secret: string,
  events: readonly object[],
): { body: string; signature: string; timestamp: string } {
  const body = JSON.stringify(events)
  const timestamp = String(Date.now())
  const signature = createHmac('sha256', secret)
    .update(`POST${url}`)
    .update(body)
    .update(timestamp)
    .digest('base64')
  return { body, signature, timestamp }
}

/** One delivery, signed as HubSpot signs it. */
export async function deliverWebhook(
  url: string,
  secret: string,
  events: readonly object[],
): Promise<Response> {
  const { body, signature, timestamp } = signDelivery(url, secret, events)
  return await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': timestamp,
    },
  })
}
