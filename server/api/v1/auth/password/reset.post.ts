import { PasswordResetBody } from '#shared/contracts/people'
import { requestOrigin } from '../../../../http/client-address'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'anyone',
    limit: { name: 'secret_link', perMinute: 60, of: 'address' },
    body: PasswordResetBody,
    status: 204,
  },
  async ({ event, services, body }) => {
    const from = requestOrigin(event, services.configuration.trustedProxies)
    await services.ownPassword.reset(body.token, body.password, from)
    return null
  },
)
