import { setResponseHeader, setResponseStatus } from 'h3'
import { defineRoute } from '../http/define-route'

/**
 * This process can serve: the database answers, its indexes stand, and nobody has told the process
 * to stop.
 */
export default defineRoute({ role: 'probe' }, async ({ event, services }) => {
  const { ready, checks } = await services.health.readiness()
  if (ready) return { status: 'ready', checks }
  setResponseStatus(event, 503, 'Service Unavailable')
  setResponseHeader(event, 'Retry-After', 5)
  return { status: 'not_ready', checks }
})
