import type { H3Event } from 'h3'
import { DomainError } from '../../../../errors'
import { defineRoute } from '../../../../http/define-route'
import { singleHeader } from '../../../../http/single-header'

const maxBodyBytes = 1024 * 1024

const signatureOf = (event: H3Event) => ({
  signature: singleHeader(event, 'x-hubspot-signature-v3'),
  timestamp: singleHeader(event, 'x-hubspot-request-timestamp'),
})

/**
 * HubSpot's webhook target: 200 once durably stored; what the events mean is worked out afterwards.
 */
export default defineRoute(
  {
    role: 'signature',
    maxBodyBytes,
    raw: {
      beforeBody: (event, { webhooks }) => webhooks.assertPlausible(signatureOf(event)),
      oversizeBytes: 8 * maxBodyBytes,
    },
    // An event is stored under a key of its own: storing it again changes nothing.
    repeatable: true,
  },
  async ({ event, services, rawBody }) => {
    const delivery = { method: event.method, body: rawBody, ...signatureOf(event) }
    if (rawBody.length > maxBodyBytes) {
      await services.webhooks.acceptOversize(delivery)
      throw new DomainError('payload_too_large', 'The request is larger than 1024 kB.')
    }
    await services.webhooks.accept(delivery)
    return { received: true }
  },
)
