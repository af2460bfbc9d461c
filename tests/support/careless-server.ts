import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener, type EventHandler } from 'h3'

/**
 * A server with a known hole, as h3 makes one when nobody takes care: what a security suite must
 * report when it is turned on it. A suite that finds nothing in our server and nothing here either
 * has looked at nothing.
 */
export async function startCarelessServer(
  routes: [method: string, path: string, handler: EventHandler][],
) {
  const router = createRouter()
  for (const [method, path, handler] of routes)
    router.add(path, handler, method.toLowerCase() as 'get')
  const app = createApp({
    // Tells everybody what is inside, and writes no line of its own.
    onError(error, event) {
      event.node.res.statusCode = error.statusCode
      event.node.res.end(error.stack)
    },
  })
  app.use(router)
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
