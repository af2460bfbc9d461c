import { defineRoute, singleHeader } from '../../../../http/define-route'

/**
 * HubSpot's webhook target: 200 once durably stored; what the events mean is worked out afterwards.
 */
export default defineRoute(
  // An event is stored under a key of its own: storing it again changes nothing.
  { role: 'signature', raw: true, maxBodyBytes: 1024 * 1024, repeatable: true },
  async ({ event, services, rawBody }) => {
    await services.webhooks.accept({
      method: event.method,
      body: rawBody,
      signature: singleHeader(event, 'x-hubspot-signature-v3'),
      timestamp: singleHeader(event, 'x-hubspot-request-timestamp'),
    })
    return { received: true }
  },
)
