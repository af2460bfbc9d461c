import { setResponseHeader } from 'h3'
import { DomainError } from '../errors'
import { isFromInside } from '../http/client-address'
import { defineRoute } from '../http/define-route'

/** Prometheus text. Holds counts only, and is for the operator's network (docs/operations.md). */
export default defineRoute({ role: 'probe' }, async ({ event, services }) => {
  if (!isFromInside(event))
    throw new DomainError(
      'forbidden',
      'Metrics are read from inside the network, straight from the app and not through a proxy.',
    )
  setResponseHeader(event, 'Content-Type', services.metrics.registry.contentType)
  return await services.metrics.registry.metrics()
})
