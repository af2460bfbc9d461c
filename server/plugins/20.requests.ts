import { randomUUID } from 'node:crypto'
import type { H3Event } from 'h3'
import { defineNitroPlugin } from 'nitropack/runtime'
import { clientAddress } from '../http/client-address'
import { useServices } from '../http/services'

/** Names what was asked for from a closed list: the route's pattern, never the path itself. */
function routeOf(event: H3Event): string {
  const path = event.path.split('?')[0] ?? ''
  if (path.startsWith('/_nuxt/')) return 'asset'
  const matched: unknown = event.context.matchedRoute?.path
  if (typeof matched === 'string' && matched !== '/**') return matched
  return /^\/(api|v1)(\/|$)/.test(path) ? 'unknown' : 'page'
}

/**
 * Gives each request an id, and one line in the log and one count in the metrics when it is
 * answered. No query string, no header, no body.
 */
export default defineNitroPlugin(nitro => {
  nitro.hooks.hook('request', event => {
    const { log, metrics, configuration } = useServices(event)
    const correlationId: string = (event.context.correlationId ??= randomUUID())
    event.node.res.setHeader('X-Request-Id', correlationId)
    const startedAt = performance.now()
    const address = clientAddress(event, configuration.trustedProxies)
    event.node.res.once('close', () => {
      const route = routeOf(event)
      const durationMs = Math.round(performance.now() - startedAt)
      const status = event.node.res.statusCode
      metrics.httpRequests.inc({ method: event.method, route, status: String(status) })
      metrics.httpDuration.observe({ method: event.method, route }, durationMs / 1000)
      const level =
        route === 'asset' || route === '/healthz' || route === '/readyz' || route === '/metrics'
          ? 'debug'
          : 'info'
      log[level](
        {
          event: 'request',
          requestId: correlationId,
          method: event.method,
          route,
          status,
          durationMs,
          address,
        },
        'Answered',
      )
    })
  })
})
