import { RecoveryCodes } from '#shared/contracts/passkeys'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', stepUp: true, response: RecoveryCodes },
  async ({ services, signedIn }) => ({
    recoveryCodes: await services.passkeys.newRecoveryCodes(signedIn, userActor(signedIn)),
  }),
)
