import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', params: IdParams, status: 204 },
  async ({ services, signedIn, params }) => {
    await services.serviceKeys.revoke(signedIn.partner.id, params.id, userActor(signedIn))
    return null
  },
)
