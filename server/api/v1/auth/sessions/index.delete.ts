import { setResponseHeader } from 'h3'
import { SessionsEnded } from '#shared/contracts/account'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

/** Signs out everywhere, here as well. */
export default defineRoute(
  { role: 'member', withoutPasskey: true, response: SessionsEnded },
  async ({ event, services, signedIn, correlationId }) => {
    const ended = await services.accounts.sessions.closeAll(signedIn.user.id)
    await services.accounts.sessions.close(event, null)
    await services.audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'signed_out_everywhere',
      details: { sessions: ended },
      correlationId,
    })
    setResponseHeader(event, 'Clear-Site-Data', '"cache", "storage"')
    return { ended }
  },
)
