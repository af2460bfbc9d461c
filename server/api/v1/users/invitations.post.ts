import { Invitation, InvitationBody } from '#shared/contracts/people'
import { userActor } from '../../../database/audit'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'personal_mail', perMinute: 60, of: 'partner' },
    stepUp: true,
    body: InvitationBody,
    response: Invitation,
    status: 201,
  },
  async ({ services, signedIn, body }) => {
    const { partner } = signedIn
    return await services.people.invite({ partner, actor: userActor(signedIn) }, body)
  },
)
