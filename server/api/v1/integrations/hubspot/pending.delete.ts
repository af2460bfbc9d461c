import { Connection } from '#shared/contracts/connection'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', response: Connection },
  async ({ services, signedIn, correlationId }) => {
    await services.connection.declinePending(
      signedIn.partner.id,
      userActor(signedIn),
      correlationId,
    )
    return await services.connection.view(
      signedIn.partner.id,
      await services.sync.current(signedIn.partner.id),
    )
  },
)
