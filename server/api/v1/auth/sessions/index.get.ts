import { SessionList } from '#shared/contracts/account'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'member', withoutPasskey: true, response: SessionList },
  async ({ services, signedIn }) => ({
    items: await services.accounts.sessions.list(signedIn),
  }),
)
