import { SessionsEnded } from '#shared/contracts/account'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', params: IdParams, response: SessionsEnded },
  async ({ services, signedIn, params }) => {
    const { partner } = signedIn
    const ended = await services.people.endSessions(
      { partner, actor: userActor(signedIn) },
      params.id,
    )
    return { ended }
  },
)
