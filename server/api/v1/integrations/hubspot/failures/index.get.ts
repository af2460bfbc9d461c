import { Failures } from '#shared/contracts/failures'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'member', response: Failures },
  async ({ services, signedIn }) => await services.sync.failures.list(signedIn.partner.id),
)
