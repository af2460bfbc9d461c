import { getQuery, setResponseHeaders, setResponseStatus } from 'h3'
import { setAttemptCookie, takeAttemptCookie } from '../../../../connection/attempt-cookie'
import { assertNavigation } from '../../../../connection/navigation'
import { defineRoute } from '../../../../http/define-route'

/**
 * HubSpot's redirect back. Whatever comes in, the answer is a redirect that carries neither the
 * code nor anything else of it.
 */
export default defineRoute({ role: 'anyone' }, async ({ event, services, signedIn }) => {
  setResponseHeaders(event, { 'Referrer-Policy': 'no-referrer', Vary: 'Cookie' })
  assertNavigation(event)
  const secure = services.configuration.origin.startsWith('https:')
  const query: Record<string, unknown> = getQuery(event)
  const { location, started } = await services.connection.callback({
    query,
    signedIn,
    takeBrowserSecret: () => takeAttemptCookie(event, query.state, secure),
  })
  if (started) setAttemptCookie(event, started, secure)
  setResponseStatus(event, 302)
  setResponseHeaders(event, { Location: location })
  return ''
})
