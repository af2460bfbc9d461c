import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener, type EventHandler } from 'h3'
import login from '../../server/api/v1/auth/login.post'
import handleError from '../../server/http/error-handler'
import type { Services } from '../../server/services'
import { provideServices } from '../../server/http/services'
import { createClient } from './client'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Handlers behind real HTTP on a free loopback port, as Nitro mounts them. */
export async function mountRoutes(
  services: Services,
  routes: { method: Method; path: string; handler: EventHandler }[],
) {
  provideServices(services)
  const app = createApp({ onError: handleError })
  const router = createRouter()
  for (const { method, path, handler } of [
    { method: 'POST' as const, path: '/api/v1/auth/login', handler: login },
    ...routes,
  ]) {
    router.add(path, handler, method.toLowerCase() as Lowercase<Method>)
  }
  app.use(router)
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** Signs in and calls as that user, as a partner's script would. */
  async function as(email: string, password: string) {
    const client = createClient(url)
    const signedIn = await client.signIn(email, password)
    if (signedIn.status !== 200) throw new Error(`Sign-in answered ${signedIn.status}`)
    return async function call<T = Record<string, unknown>>(
      method: Method,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ): Promise<{ status: number; body: T; headers: Headers }> {
      const options =
        typeof body === 'string'
          ? { body, headers: { 'content-type': 'application/json', ...headers } }
          : { json: body, headers }
      const answer = await client.request(method, path, options)
      return { status: answer.status, body: answer.json as T, headers: answer.headers }
    }
  }

  return {
    url,
    as,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
export type CallAs = Awaited<ReturnType<Awaited<ReturnType<typeof mountRoutes>>['as']>>
