import { randomBytes } from 'node:crypto'
import { ObjectId } from 'mongodb'
import type { ConnectBody } from '#shared/contracts/connection'
import { loadConfiguration, type Configuration } from '../../server/config/configuration'
import { createLog } from '../../server/observability/log'
import { createServices, type ServiceOverrides, type Services } from '../../server/services'
import { buildAuthorizeUrl } from '#shared/hubspot/authorize-url'
import { createControlClient, mainPortalId } from '../../simulator/control-client'
import { keepLine, logLevel, marked, secretText } from './canary'
import { aUser } from './users'

export interface ConnectedPartner {
  partnerId: ObjectId
  userId: ObjectId
  portalId: string
  email: string
  password: string
}

/** Beside a simulator without limits: our own pace holds nothing back. */
export const withoutPace = {
  NUXT_HUBSPOT_REQUESTS_PER_TEN_SECONDS: '10000',
  NUXT_HUBSPOT_SEARCHES_PER_SECOND: '1000',
}

/** A configuration of the test's own: this database, this simulator, fresh secrets. */
export function testEnvironment(
  { uri, database }: { uri: string; database: string },
  simulatorEnv: Record<string, string>,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    NUXT_MONGODB_URI: uri,
    NUXT_MONGODB_DATABASE: database,
    NUXT_AUTH_JWT_SECRET: secretText(48),
    NUXT_TOKEN_ENCRYPTION_KEYS: `test:${marked(randomBytes(32)).toString('base64')}`,
    NUXT_LOG_LEVEL: logLevel('silent'),
    ...simulatorEnv,
    ...more,
  }
}

/** The whole server without its HTTP part. The log's lines are kept. */
export async function startServices(
  environment: Record<string, string>,
  overrides: ServiceOverrides = {},
): Promise<{ services: Services; configuration: Configuration; logged: string[] }> {
  const logged: string[] = []
  const configuration = loadConfiguration(environment)
  const log = createLog({
    level: 'trace',
    destination: {
      write: line => {
        logged.push(line)
        keepLine('services', line)
      },
    },
  })
  const services = createServices(configuration, { log, ...overrides })
  await services.database.prepare()
  return { services, configuration, logged }
}

let partners = 0

/**
 * A new partner whose admin presses Connect and grants access in the simulator, as a browser would
 * do it.
 */
export async function aConnectedPartner(
  services: Services,
  portalId: number = mainPortalId,
  optionalScopes?: readonly string[],
): Promise<ConnectedPartner> {
  const email = `admin${++partners}-${randomBytes(3).toString('hex')}@partner.test`
  const password = 'a long enough password'
  const { partnerId, userId } = await aUser(services.database.collections, {
    partnerName: `Partner ${email}`,
    email,
    password,
    role: 'admin',
  })
  const partner = { partnerId, userId, portalId: String(portalId), email, password }
  await connectPartner(services, partner, optionalScopes)
  return partner
}

/** The partner's admin presses Connect (again). */
export async function connectPartner(
  services: Services,
  {
    partnerId,
    userId,
    portalId,
    email,
  }: Pick<ConnectedPartner, 'partnerId' | 'userId' | 'portalId' | 'email'>,
  /** Those that every connect asks for, unless told */
  optionalScopes?: readonly string[],
  /** What the page tells the server */
  body: ConnectBody = {},
): Promise<void> {
  const { hubspot } = services.configuration
  const signedIn = {
    user: { id: userId, email, role: 'admin' as const },
    partner: { id: partnerId, name: `Partner ${email}` },
    sessionId: new ObjectId(),
  }
  const started = await services.connection.connect(signedIn, body)
  await createControlClient(hubspot.apiBaseUrl).set({ autoGrantPortalId: Number(portalId) })
  const redirect = await fetch(
    buildAuthorizeUrl({
      authorizeUrl: hubspot.authorizeUrl,
      clientId: hubspot.clientId,
      redirectUri: hubspot.redirectUri,
      state: started.state,
      ...(optionalScopes ? { optionalScopes } : {}),
    }),
    { redirect: 'manual' },
  )
  const back = new URL(redirect.headers.get('location') ?? 'http://nowhere.invalid')
  const { location } = await services.connection.callback({
    query: Object.fromEntries(back.searchParams),
    signedIn,
    takeBrowserSecret: () => started.browser.secret,
  })
  if (!/success=true|hubspot\/scope$/.test(location))
    throw new Error(`Connect ended at ${location}`)
}
