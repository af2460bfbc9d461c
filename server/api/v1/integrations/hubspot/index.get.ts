import { Connection } from '#shared/contracts/connection'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', response: Connection },
  async ({ services, signedIn }) => {
    return await services.connection.view(
      signedIn.partner.id,
      await services.sync.current(signedIn.partner.id),
    )
  },
)
