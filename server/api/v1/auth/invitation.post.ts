import { Me } from '#shared/contracts/account'
import { InvitationAcceptBody } from '#shared/contracts/people'
import { completeSignIn } from '../../../http/complete-sign-in'
import { requestOrigin } from '../../../http/client-address'
import { defineRoute } from '../../../http/define-route'

export default defineRoute(
  {
    role: 'anyone',
    limit: { name: 'secret_link', perMinute: 60, of: 'address' },
    body: InvitationAcceptBody,
    response: Me,
  },
  async ({ event, services, signedIn, body }) => {
    const found = await services.ownPassword.acceptInvitation(
      body.token,
      body.password,
      requestOrigin(event, services.configuration.trustedProxies),
    )
    return await completeSignIn({ event, services, signedIn }, found, 'invitation')
  },
)
