import { AcceptPendingBody, PendingAccepted } from '#shared/contracts/connection'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, body: AcceptPendingBody, response: PendingAccepted },
  async ({ services, signedIn, body }) => ({
    location: await services.connection.acceptPending(signedIn.partner.id, body.portalId, signedIn),
  }),
)
