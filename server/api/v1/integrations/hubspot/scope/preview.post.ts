import { Scope, ScopeCounts } from '#shared/contracts/scope'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'ask_hubspot', perMinute: 300, of: 'partner' },
    body: Scope,
    response: ScopeCounts,
  },
  async ({ services, signedIn, body }) =>
    await services.mapping.scope.preview(signedIn.partner.id, body),
)
