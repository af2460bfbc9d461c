import { setResponseHeader } from 'h3'
import { defineRoute } from '../http/define-route'

/**
 * Prometheus text. Holds counts only; keep it inside your network all the same
 * (docs/operations.md).
 */
export default defineRoute({ role: 'probe' }, async ({ event, services }) => {
  setResponseHeader(event, 'Content-Type', services.metrics.registry.contentType)
  return await services.metrics.registry.metrics()
})
