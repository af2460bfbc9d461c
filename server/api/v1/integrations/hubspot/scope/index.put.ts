import { Scope, ScopeSaved } from '#shared/contracts/scope'
import { userActor } from '../../../../../database/audit'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  { role: 'admin', body: Scope, response: ScopeSaved },
  async ({ services, signedIn, body }) => {
    const saved = await services.mapping.scope.put(signedIn.partner.id, body, userActor(signedIn))
    await services.connection.scopeChosen(signedIn.partner.id, userActor(signedIn))
    return saved
  },
)
