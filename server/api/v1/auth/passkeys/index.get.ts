import { PasskeyList } from '#shared/contracts/passkeys'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', withoutPasskey: true, response: PasskeyList },
  async ({ services, signedIn }) => await services.ownSignIn(signedIn),
)
