import { ConnectBody, ConnectStarted } from '#shared/contracts/connection'
import { setAttemptCookie } from '../../../../connection/oauth-state-cookie'
import { defineRoute } from '../../../../http/define-route'

export default defineRoute(
  { role: 'admin', stepUp: true, body: ConnectBody, bodyOptional: true, response: ConnectStarted },
  async ({ event, services, signedIn, body }) => {
    const started = await services.connection.connect(signedIn, body)
    setAttemptCookie(event, started, services.configuration.origin.startsWith('https:'))
    return { state: started.state, expiresAt: started.expiresAt.toISOString() }
  },
)
