import { User, UserPatch } from '#shared/contracts/people'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, params: IdParams, body: UserPatch, response: User },
  async ({ services, signedIn, params, body }) => {
    const { partner } = signedIn
    return await services.people.change({ partner, actor: userActor(signedIn) }, params.id, body)
  },
)
