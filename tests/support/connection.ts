import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createRouter, toNodeListener, type EventHandler } from 'h3'
import type { ObjectId } from 'mongodb'
import login from '../../server/api/v1/auth/login.post'
import ourCallback from '../../server/api/v1/integrations/hubspot/callback.get'
import connect from '../../server/api/v1/integrations/hubspot/connect.post'
import disconnect from '../../server/api/v1/integrations/hubspot/disconnect.delete'
import connection from '../../server/api/v1/integrations/hubspot/index.get'
import pending from '../../server/api/v1/integrations/hubspot/pending.delete'
import acceptPending from '../../server/api/v1/integrations/hubspot/pending.post'
import refresh from '../../server/api/v1/integrations/hubspot/refresh.post'
import settings from '../../server/api/v1/integrations/hubspot/settings.patch'
import token from '../../server/api/v1/integrations/hubspot/token.get'
import { sessionCookie } from '../../server/accounts/sessions'
import { loadConfiguration } from '../../server/config/configuration'
import handleError from '../../server/http/error-handler'
import { createLog } from '../../server/observability/log'
import { createServices } from '../../server/services'
import { provideServices } from '../../server/http/services'
import { keepLine, marked, secretText } from './canary'
import { createCookieJar } from './cookie-jar'
import { testDatabase } from './mongo'
import { startScriptedHubspot } from './scripted-hubspot'
import { createSessionCookies } from './session-cookies'
import { aUser } from './users'

const origin = 'http://localhost:3000'
const base = '/api/v1/integrations/hubspot'

/** A browser, or whatever keeps cookies: follows no redirect by itself. */
export function createBrowser(appUrl: string) {
  const { cookies, header, take } = createCookieJar()
  return {
    jar: cookies,
    async request(
      method: string,
      path: string,
      { json, headers = {} }: { json?: unknown; headers?: Record<string, string> } = {},
    ) {
      const response = await fetch(`${appUrl}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookies.size > 0 ? { cookie: header() } : {}),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: json === undefined ? undefined : JSON.stringify(json),
      })
      take(response.headers)
      const text = await response.text()
      return {
        status: response.status,
        location: response.headers.get('location'),
        headers: response.headers,
        text,
        body: text.startsWith('{') ? JSON.parse(text) : undefined,
      }
    },
  }
}
export type Browser = ReturnType<typeof createBrowser>

/**
 * The connection's routes over real HTTP, on the test's database, against scripted OAuth endpoints.
 * @param options.callback another handler in place of ours, to see that its holes are found
 */
export async function startConnectionApp({
  tokenRoute = 'true',
  env = {},
  callback = ourCallback,
}: { tokenRoute?: string; env?: Record<string, string>; callback?: EventHandler } = {}) {
  const hubspot = await startScriptedHubspot()
  const database = await testDatabase()
  /** `stoppedAt`: the clock stands still, epoch milliseconds */
  const time: { offsetMs: number; stoppedAt: number | null } = { offsetMs: 0, stoppedAt: null }
  const logged: string[] = []
  const key = `k1:${marked(randomBytes(32)).toString('base64')}`
  const environment = {
    NUXT_MONGODB_URI: database.uri,
    NUXT_MONGODB_DATABASE: database.database,
    NUXT_AUTH_JWT_SECRET: secretText(48),
    NUXT_TOKEN_ENCRYPTION_KEYS: key,
    NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '11111111-2222-3333-4444-555555555555',
    NUXT_HUBSPOT_CLIENT_SECRET: 'CANARY-client-secret',
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: `${origin}/v1/integrations/hubspot/callback`,
    NUXT_PUBLIC_HUBSPOT_AUTHORIZE_URL: `${hubspot.url}/oauth/authorize`,
    NUXT_HUBSPOT_API_BASE_URL: hubspot.url,
    NUXT_HUBSPOT_TOKEN_ROUTE: tokenRoute,
    NUXT_LOG_LEVEL: 'trace',
    ...env,
  }
  const configuration = loadConfiguration(environment)
  const clock = () => new Date((time.stoppedAt ?? Date.now()) + time.offsetMs)
  const services = createServices(configuration, {
    clock,
    log: createLog({
      level: 'trace',
      destination: {
        write: line => {
          logged.push(line)
          keepLine('connection', line)
        },
      },
    }),
  })
  await services.database.prepare()
  provideServices(services)

  const router = createRouter()
  const routes: [string, string, EventHandler][] = [
    ['post', '/api/v1/auth/login', login],
    ['get', base, connection],
    ['post', `${base}/connect`, connect],
    ['get', `${base}/callback`, callback],
    ['get', `${base}/token`, token],
    ['post', `${base}/refresh`, refresh],
    ['delete', `${base}/disconnect`, disconnect],
    ['patch', `${base}/settings`, settings],
    ['post', `${base}/pending`, acceptPending],
    ['delete', `${base}/pending`, pending],
  ]
  for (const [method, path, handler] of routes) router[method as 'get'](path, handler)
  const app = createApp({ onError: handleError })
  app.use(router)
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sessions = createSessionCookies({
    sessions: services.database.collections.sessions,
    jwtSecret: environment.NUXT_AUTH_JWT_SECRET,
    clock,
  })
  let users = 0
  /** Every state that was minted */
  const states: string[] = []

  async function person(partnerName: string, role: 'admin' | 'member' = 'admin') {
    const email = `person${++users}@example.test`
    const password = 'a long enough password'
    const { partnerId, userId } = await aUser(services.database.collections, {
      partnerName,
      email,
      password,
      role,
    })
    const signIn = async () => {
      const browser = createBrowser(url)
      const answer = await browser.request('POST', '/api/v1/auth/login', {
        json: { email, password },
      })
      if (answer.status !== 200) throw new Error(`Sign-in answered ${answer.status}`)
      return browser
    }
    const browser = createBrowser(url)
    const { cookie } = await sessions.open({ id: userId, partnerId })
    browser.jar.set(sessionCookie, cookie.slice(sessionCookie.length + 1))
    return { partnerId, userId, email, signIn, browser }
  }

  /**
   * Lets people begin to connect as often as a test wants: how often they may has a test of its
   * own.
   */
  async function forgetStarts(): Promise<void> {
    await services.database.collections.connectStarts.deleteMany({})
  }

  /**
   * Everybody proves anew who they are: what asks for that has tests of its own, and these turn
   * the clock.
   */
  async function prove(): Promise<void> {
    await services.database.collections.sessions.updateMany({}, { $set: { proven_at: clock() } })
  }

  async function start(browser: Browser, json: Record<string, unknown> = {}): Promise<string> {
    await forgetStarts()
    await prove()
    const answer = await browser.request('POST', `${base}/connect`, { json })
    if (answer.status !== 200) throw new Error(`Connect answered ${answer.status}: ${answer.text}`)
    states.push(answer.body.state)
    return answer.body.state
  }
  const callbackPath = (query: Record<string, string>) =>
    `${base}/callback?${new URLSearchParams(query).toString()}`
  const finish = async (browser: Browser, query: Record<string, string>) =>
    await browser.request('GET', callbackPath(query))

  return {
    url,
    base,
    origin,
    hubspot,
    services,
    database,
    time,
    logged,
    environment,
    configuration,
    states,
    person,
    forgetStarts,
    prove,
    start,
    finish,
    callbackPath,
    /** A whole connect, as a person does it. @returns the redirect's Location */
    async connect(
      browser: Browser,
      portalId: number,
      json: Record<string, unknown> = {},
      scopes?: readonly string[],
    ): Promise<string | null> {
      const state = await start(browser, json)
      return (await finish(browser, { code: hubspot.code(portalId, scopes), state })).location
    },
    /** Makes the stored access token as good as expired */
    async expire(partnerId: ObjectId): Promise<void> {
      await services.database.collections.partners.updateOne(
        { _id: partnerId },
        { $set: { 'hubspot_integration.expires_at': new Date(Date.now() + time.offsetMs + 1000) } },
      )
    },
    async integration(partnerId: ObjectId) {
      return (
        (await services.database.collections.partners.findOne({ _id: partnerId }))
          ?.hubspot_integration ?? null
      )
    },
    async stop(): Promise<void> {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await services.stop()
      await hubspot.stop()
      await database.drop()
    },
  }
}
export type ConnectionApp = Awaited<ReturnType<typeof startConnectionApp>>
