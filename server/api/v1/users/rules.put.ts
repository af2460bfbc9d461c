import { SignInRules, SignInRulesPut } from '#shared/contracts/passkeys'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, body: SignInRulesPut, response: SignInRules },
  async ({ services, signedIn, body }) => {
    return await services.signInRules.set(signedIn, body, userActor(signedIn))
  },
)
