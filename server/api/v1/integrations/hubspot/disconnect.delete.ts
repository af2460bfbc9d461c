import { Disconnected } from '#shared/contracts/connection'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, response: Disconnected },
  async ({ services, signedIn }) => {
    return await services.connection.disconnect(signedIn.partner.id, userActor(signedIn))
  },
)
