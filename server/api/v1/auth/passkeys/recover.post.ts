import { Me } from '#shared/contracts/account'
import { RecoveryBody } from '#shared/contracts/passkeys'
import { completeSignIn, signInOrigin } from '../../../../http/complete-sign-in'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'anyone', body: RecoveryBody, response: Me },
  async ({ event, services, signedIn, body }) => {
    const found = await services.recovery(body, signInOrigin(event, services, body.email))
    return await completeSignIn({ event, services, signedIn }, found, 'recovery_code')
  },
)
