import { PasskeyRegistered, PasskeyBody } from '#shared/contracts/passkeys'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    limit: { name: 'passkey_sign_in', perMinute: 60, of: 'person' },
    withoutPasskey: true,
    stepUp: true,
    body: PasskeyBody,
    response: PasskeyRegistered,
    status: 201,
  },
  async ({ services, signedIn, body }) => {
    return await services.passkeys.register(signedIn, body, userActor(signedIn))
  },
)
