import { ServiceKeyBody, ServiceKeyCreated } from '#shared/contracts/service-keys'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'create_setting', perMinute: 120, of: 'partner' },
    stepUp: true,
    body: ServiceKeyBody,
    response: ServiceKeyCreated,
    status: 201,
  },
  async ({ services, signedIn, body }) => {
    return await services.serviceKeys.create(signedIn, body, userActor(signedIn))
  },
)
