import { ScopeView } from '#shared/contracts/scope'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'member', response: ScopeView },
  async ({ services, signedIn }) => await services.mapping.scope.view(signedIn.partner.id),
)
