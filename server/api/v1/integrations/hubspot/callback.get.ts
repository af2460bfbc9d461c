import { getQuery, setResponseHeaders, setResponseStatus, type H3Event } from 'h3'
import { takeAttemptCookie } from '../../../../connection/oauth-state-cookie'
import { failure } from '../../../../connection/callback'
import { assertNavigation } from '../../../../connection/navigation'
import { noteRefusal } from '../../../../http/note-refusal'
import { defineRoute } from '../../../../http/define-route'

const ownHeaders = { 'Referrer-Policy': 'no-referrer', Vary: 'Cookie' }

/**
 * HubSpot's redirect back. Whatever comes in, the answer is a redirect that carries neither the
 * code nor anything else of it.
 */
export default defineRoute(
  {
    role: 'anyone',
    // A state counts once: a callback is not done again.
    repeatable: false,
    whenUnavailable: event => redirect(event, failure('database_unavailable')),
  },
  async ({ event, services, signedIn }) => {
    setResponseHeaders(event, ownHeaders)
    assertNavigation(event)
    const secure = services.configuration.origin.startsWith('https:')
    const query: Record<string, unknown> = getQuery(event)
    const { location } = await services.connection.callback({
      query,
      signedIn,
      takeBrowserSecret: () => takeAttemptCookie(event, query.state, secure),
    })
    if (/[?&]error=(invalid_state|missing_code|forbidden|too_many_attempts)$/.test(location))
      noteRefusal(event, services, 'callback_refused')
    return redirect(event, location)
  },
)

function redirect(event: H3Event, location: string): string {
  setResponseStatus(event, 302)
  setResponseHeaders(event, { ...ownHeaders, Location: location })
  return ''
}
