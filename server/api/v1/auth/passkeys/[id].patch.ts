import { Passkey, PasskeyPatch } from '#shared/contracts/passkeys'
import { IdParams } from '#shared/contracts/primitives'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'member',
    withoutPasskey: true,
    params: IdParams,
    body: PasskeyPatch,
    response: Passkey,
  },
  async ({ services, signedIn, params, body }) => {
    return await services.passkeys.rename(signedIn.user.id, params.id, body.name)
  },
)
