import { PasswordChangeBody } from '#shared/contracts/people'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', withoutPasskey: true, body: PasswordChangeBody, status: 204 },
  async ({ services, signedIn, body }) => {
    await services.ownPassword.change(signedIn, body, userActor(signedIn))
    return null
  },
)
