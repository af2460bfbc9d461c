import { setResponseHeader } from 'h3'
import { LoggedOut } from '#shared/contracts/account'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'member', withoutPasskey: true, response: LoggedOut },
  async ({ event, services, signedIn, correlationId }) => {
    await services.accounts.sessions.close(event, signedIn.sessionId)
    await services.audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'signed_out',
      correlationId,
    })
    setResponseHeader(event, 'Clear-Site-Data', '"cache", "storage"')
    return { signedOut: true as const }
  },
)
