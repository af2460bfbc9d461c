import { ServiceKeyList } from '#shared/contracts/service-keys'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', response: ServiceKeyList },
  async ({ services, signedIn }) => await services.serviceKeys.list(signedIn.partner.id),
)
