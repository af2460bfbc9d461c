import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', stepUp: true, params: IdParams, status: 204 },
  async ({ services, signedIn, params }) => {
    await services.passkeys.remove(signedIn, params.id, userActor(signedIn))
    return null
  },
)
