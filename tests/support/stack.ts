import { MongoClient } from 'mongodb'
import { startMongoProcess } from '../../modules/embedded-mongo/process'
import {
  startSimulatorProcess,
  type SimulatorProcess,
  type SimulatorProcessOptions,
} from '../../modules/hubspot-simulator/process'
import { createControlClient, type ControlClient } from '../../simulator/control-client'
import { freePort, startApp, type RunningApp } from './app'
import { aPartner, type TestPartner } from './builders'
import { createClient, type Client } from './client'
import { grantAccess } from './grant'
import type { TestDatabase } from './mongo'

export interface StackOptions {
  /** Default: a new one on the engine that this run of vitest shares */
  database?: TestDatabase
  /**
   * A HubSpot simulator in a process of its own, or one that runs and goes on afterwards; without
   * it HubSpot does not answer
   */
  simulator?: Omit<SimulatorProcessOptions, 'port' | 'redirectUri'> | SimulatorProcess
  /** Processes of the production build, all of one installation */
  apps?: number
  /** Their ports; default: free ones */
  ports?: readonly number[]
  /** More variables of every process, or of each by its place and port */
  env?: Record<string, string> | ((place: number, port: number) => Record<string, string>)
  /** For each of these HubSpot accounts a partner whose admin has connected it */
  portals?: readonly number[]
}

export interface StackPartner extends TestPartner {
  portalId: number
  /** The admin, signed in on every app by one session */
  clients: Client[]
}

export type Stack = Awaited<ReturnType<typeof startStack>>

/**
 * The product as it runs in production, with what it needs around it: a database, a simulator of
 * HubSpot, processes of the build, partners.
 */
export async function startStack({
  database: given,
  simulator: simulated,
  ports: givenPorts,
  apps: count = givenPorts?.length ?? 1,
  env = {},
  portals = [],
}: StackOptions = {}) {
  const database = given ?? (await (await import('./mongo')).testDatabase())
  const ports = givenPorts ?? (await Promise.all(Array.from({ length: count }, () => freePort())))
  const redirectUri = `http://localhost:${ports[0]}/v1/integrations/hubspot/callback`
  const running = simulated && 'stop' in simulated ? simulated : undefined
  const started =
    simulated && !('stop' in simulated)
      ? await startSimulatorProcess({ port: 0, redirectUri, strictBodies: true, ...simulated })
      : undefined
  const simulator = running ?? started
  const control: ControlClient = createControlClient(simulator?.url ?? 'http://127.0.0.1:9')

  const start = (place: number): Promise<RunningApp> => {
    const port = ports[place]
    if (port === undefined) throw new Error(`The stack has no place ${place}`)
    return startApp({
      mongodbUri: database.uri,
      database: database.database,
      port,
      hubspot: simulator?.env,
      env: {
        ...(count > 1 ? { NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: redirectUri } : {}),
        ...(typeof env === 'function' ? env(place, port) : env),
      },
    })
  }
  const apps = await Promise.all(ports.map((_, place) => start(place)))
  const [app] = apps
  if (!app) throw new Error('A stack has one app at least')

  const newPartner = (name?: string) =>
    aPartner({ mongodbUri: database.uri, database: database.database }, name)
  /** @returns the admin, signed in on every app by one session */
  async function signIn({ email, password }: TestPartner['admin']): Promise<Client[]> {
    const clients = apps.map(({ url }) => createClient(url))
    const [first] = clients
    const answer = await first?.signIn(email, password)
    if (answer?.status !== 200) throw new Error(`Sign-in answered ${answer?.status}`)
    for (const client of clients.slice(1)) client.useCookie(first?.cookie ?? '')
    return clients
  }
  const partners: StackPartner[] = []
  for (const portalId of portals) {
    const partner = await newPartner()
    const clients = await signIn(partner.admin)
    if (clients[0]) await grantAccess(clients[0], app.env, { portalId })
    partners.push({ ...partner, portalId, clients })
  }

  return {
    database,
    ports,
    /** The first process */
    app,
    /** All processes; put another one in a place after `start` */
    apps,
    simulator,
    control,
    partners,
    aPartner: newPartner,
    signIn,
    /** A process in this place, after the one before has ended */
    start,
    async stop(): Promise<void> {
      await Promise.all(apps.map(each => each.stop()))
      await started?.stop()
      await database.drop()
    },
  }
}

/** @returns another database on the same server */
export function databaseBeside({ uri }: Pick<TestDatabase, 'uri'>, name: string): TestDatabase {
  return {
    uri,
    database: name,
    async drop() {
      const client = new MongoClient(uri)
      await client.db(name).dropDatabase()
      await client.close()
    },
  }
}

/**
 * A database outside of vitest: on the server named by TEST_MONGODB_URI, otherwise on an engine of
 * its own that ends with it.
 * @param temporaryIn where that engine has its files; default: on the disk
 */
export async function ownDatabase(name: string, temporaryIn?: string): Promise<TestDatabase> {
  const configured = process.env.TEST_MONGODB_URI
  const engine = configured ? undefined : await startMongoProcess({ temporaryIn })
  const own = databaseBeside({ uri: configured ?? engine?.uri ?? '' }, name)
  return {
    ...own,
    async drop() {
      await own.drop()
      await engine?.stop()
    },
  }
}
