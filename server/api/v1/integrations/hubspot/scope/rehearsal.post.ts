import { Scope, ScopeRehearsal } from '#shared/contracts/scope'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'rehearsal', perMinute: 30, of: 'partner' },
    body: Scope,
    response: ScopeRehearsal,
  },
  async ({ services, signedIn, body }) => await services.rehearseScope(signedIn.partner.id, body),
)
