import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, params: IdParams, status: 204 },
  async ({ services, signedIn, params }) => {
    const { partner } = signedIn
    await services.people.remove({ partner, actor: userActor(signedIn) }, params.id)
    return null
  },
)
