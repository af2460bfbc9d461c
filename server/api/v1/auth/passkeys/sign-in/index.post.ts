import { Me } from '#shared/contracts/account'
import { PasskeySignInBody } from '#shared/contracts/passkeys'
import { completeSignIn } from '../../../../../http/complete-sign-in'
import { defineRoute } from '../../../../../http/define-route'

export default defineRoute(
  {
    role: 'anyone',
    limit: { name: 'passkey_sign_in', perMinute: 120, of: 'address' },
    body: PasskeySignInBody,
    response: Me,
  },
  async ({ event, services, signedIn, body }) => {
    const found = await services.passkeys.signIn(body.response)
    return await completeSignIn({ event, services, signedIn }, found, 'passkey')
  },
)
