import { ResetLink } from '#shared/contracts/people'
import { IdParams } from '#shared/contracts/primitives'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'personal_mail', perMinute: 60, of: 'partner' },
    stepUp: true,
    params: IdParams,
    response: ResetLink,
  },
  async ({ services, signedIn, params }) => {
    const { partner } = signedIn
    return await services.people.sendReset({ partner, actor: userActor(signedIn) }, params.id)
  },
)
