import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { serverEntry } from './build'
import { canary, keepOutput, logLevel, marked, secretText } from './canary'

/** What the app under test is configured with */
export type AppEnvironment = Record<string, string> &
  Record<
    'NUXT_AUTH_JWT_SECRET' | 'NUXT_TOKEN_ENCRYPTION_KEYS' | 'NUXT_HUBSPOT_CLIENT_SECRET',
    string
  >

export interface RunningApp {
  /** `http://localhost:PORT` */
  url: string
  port: number
  pid: number
  /** The environment it was started with */
  env: AppEnvironment
  /** Everything it wrote, both streams */
  output(): string
  /** SIGTERM; resolves with the exit code once it is gone */
  stop(): Promise<number | null>
  /** SIGKILL, as a crash would */
  kill(): Promise<void>
  signal(name: NodeJS.Signals): void
  ended: Promise<number | null>
}

export interface AppOptions {
  mongodbUri: string
  database: string
  /** HubSpot's variables, as the simulator gives them */
  hubspot?: Record<string, string>
  /** More variables, or others */
  env?: Record<string, string>
  port?: number
  /** The server of another build */
  entry?: string
  /** `false`: returns once it listens, ready or not */
  waitUntilReady?: boolean
}

const startTimeoutMs = 60_000

/**
 * Below the ports that systems hand out by themselves: between a look and the start of a server,
 * nobody's connection and no `listen(0)` of another test takes one of these.
 */
const firstPort = 20_000
const portCount = 12_000
let portsTaken = 0

/** @returns a port that nobody uses now; processes of one run look at places of their own */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portCount; tries++) {
    const port = firstPort + ((process.pid * 97 + portsTaken++) % portCount)
    if (await isFree(port)) return port
  }
  throw new Error('no port is free')
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}

/**
 * Made anew for each run of the tests; two apps on one database share theirs, as the processes of
 * one installation do.
 */
const runSecret = randomBytes(32)
const secretOf = (database: string, purpose: string) =>
  createHmac('sha256', runSecret).update(`${purpose} ${database}`).digest()

/**
 * Production configuration for a test: secrets of this database only, the redirect URI on
 * `localhost` as HubSpot allows it.
 */
export function productionEnvironment(
  { mongodbUri, database, hubspot = {}, env = {} }: AppOptions,
  port: number,
): AppEnvironment {
  return {
    NUXT_MONGODB_URI: mongodbUri,
    NUXT_MONGODB_DATABASE: database,
    NUXT_AUTH_JWT_SECRET: `${canary}${secretOf(database, 'session').toString('base64')}`,
    NUXT_TOKEN_ENCRYPTION_KEYS: `test-1:${marked(secretOf(database, 'tokens')).toString('base64')}`,
    NUXT_PUBLIC_HUBSPOT_CLIENT_ID: '3f1f7f0e-0000-4000-8000-000000000001',
    NUXT_HUBSPOT_CLIENT_SECRET: secretText(18),
    NUXT_LOG_LEVEL: logLevel('info'),
    // Port 9 answers nobody: a test that wants HubSpot names the simulator.
    NUXT_HUBSPOT_API_BASE_URL: 'http://127.0.0.1:9',
    ...hubspot,
    NUXT_PUBLIC_HUBSPOT_REDIRECT_URI: `http://localhost:${port}/v1/integrations/hubspot/callback`,
    ...env,
  }
}

/** Nothing of the caller's own configuration reaches the server under test. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined &&
        !/^(NUXT_|NITRO_|NODE_OPTIONS$|VITEST|HOST$|PORT$)/.test(entry[0]),
    ),
  )
}

/**
 * Starts the production build (`tests/support/build.ts`) as a process of its own. @throws with its
 * output when it ends before it is ready
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const port = options.port ?? (await freePort())
  const env = productionEnvironment(options, port)
  const app = spawnApp({ ...env, PORT: String(port) }, options.entry)
  const url = `http://localhost:${port}`
  const path = options.waitUntilReady === false ? '/healthz' : '/readyz'
  const deadline = Date.now() + startTimeoutMs
  let over = false
  void app.ended.then(() => {
    over = true
  })
  while (
    !(await fetch(`${url}${path}`).then(
      answer => answer.ok,
      () => false,
    ))
  ) {
    if (over || Date.now() > deadline) {
      await app.kill()
      throw new Error(`The app did not start:\n${app.output()}`)
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return { ...app, url, port, env }
}

/** Starts the build with exactly these variables, whatever becomes of it. */
export function spawnApp(
  env: Record<string, string>,
  entry: string = serverEntry,
): Omit<RunningApp, 'url' | 'port' | 'env'> {
  const child: ChildProcess = spawn(process.execPath, [entry], {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  keepOutput(child, 'app')
  const output: string[] = []
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return {
    pid: child.pid ?? 0,
    output: () => output.join(''),
    ended,
    signal: name => void child.kill(name),
    async stop() {
      child.kill('SIGTERM')
      return await ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
