import { RefreshAnswer } from '#shared/contracts/connection'
import { userActor } from '../../../../database/audit'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  {
    role: 'admin',
    limit: { name: 'refresh', perMinute: 120, of: 'partner' },
    response: RefreshAnswer,
  },
  async ({ services, signedIn }) => {
    const { expiresAt } = await services.connection.refresh(
      signedIn.partner.id,
      userActor(signedIn),
    )
    return { expires_at: expiresAt.toISOString() }
  },
)
