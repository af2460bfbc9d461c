import { SignInRules } from '#shared/contracts/passkeys'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', response: SignInRules },
  async ({ services, signedIn }) => await services.signInRules.get(signedIn.partner.id),
)
