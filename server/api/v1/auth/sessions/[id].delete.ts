import { ObjectId } from 'mongodb'
import { SessionsEnded } from '#shared/contracts/account'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../../database/audit'
import { NotFound } from '../../../../errors'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', withoutPasskey: true, params: IdParams, response: SessionsEnded },
  async ({ event, services, signedIn, params, correlationId }) => {
    const sessionId = new ObjectId(params.id)
    if (!(await services.accounts.sessions.closeOne(signedIn.user.id, sessionId)))
      throw new NotFound('This session')
    if (sessionId.equals(signedIn.sessionId)) await services.accounts.sessions.close(event, null)
    await services.audit.record({
      partnerId: signedIn.partner.id,
      actor: userActor(signedIn),
      action: 'session_ended',
      details: { sessionId: params.id },
      correlationId,
    })
    return { ended: 1 }
  },
)
