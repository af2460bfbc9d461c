import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { EngineError } from './errors'
import { socketDirectoryOf } from './socket'

export interface MongoProcess {
  uri: string
  pid: number
  /** Clean stop; resolves once the process is gone. */
  stop(): Promise<void>
  /** SIGKILL, as a crash would; resolves once the process is gone. */
  kill(): Promise<void>
  /** Resolves when the process is gone, for whatever reason. */
  ended: Promise<void>
}

interface MongoProcessOptions {
  /** Database directory, created when missing. Left out: a temporary one that goes with the process. */
  dir?: string
  /** Receives every line the process writes, the address excepted. */
  log?: (line: string) => void
  /** How long to wait for another engine to let go of the directory; default 0. */
  waitForLockMs?: number
}

const addressPrefix = 'MONGODB_URI='
const stopGraceMs = 10_000

/**
 * Starts the embedded engine in a process of its own that dies with this one, however this one ends.
 * @throws {EngineError} `engine_failed` with the process's own message: unsupported platform, directory in use (names the pid)
 */
export async function startMongoProcess({ dir, log, waitForLockMs = 0 }: MongoProcessOptions): Promise<MongoProcess> {
  const cli = fileURLToPath(new URL('./cli.ts', import.meta.url))
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const directory = dir ?? mkdtempSync(join(tmpdir(), 'pc-mongodb-'))
  const options = ['--dir', directory, '--die-with-parent', '--wait-for-lock-ms', String(waitForLockMs)]
  // The process removes its own directory, so that a kill of this one leaves nothing; this one does after a kill of the process.
  if (dir === undefined) options.push('--delete-dir-at-end')
  const child = spawn(
    process.execPath,
    ['--import', typescriptLoader, cli, ...options],
    // A group of its own: a terminal's Ctrl-C is for the app, which still needs its database while it stops.
    // NODE_OPTIONS of a test runner or an inspector are for this process.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { ...process.env, NODE_OPTIONS: '' } },
  )
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      if (dir === undefined) rmSync(directory, { recursive: true, force: true })
      resolve()
    })
  })
  const uri = await addressOf(child, log)
  child.once('exit', () => rmSync(socketDirectoryOf(uri), { recursive: true, force: true }))
  setReferenced(child, false)

  async function end(signal: NodeJS.Signals): Promise<void> {
    setReferenced(child, true)
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
    await ended
    clearTimeout(force)
  }

  return { uri, pid: child.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL'), ended }
}

function addressOf(child: ChildProcess, log: ((line: string) => void) | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const complaints: string[] = []
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith(addressPrefix)) resolve(line.slice(addressPrefix.length))
      else log?.(line)
    })
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => {
      complaints.push(line)
      log?.(line)
    })
    child.once('error', error => reject(new EngineError('engine_failed', `The embedded MongoDB did not start: ${error.message}`, { cause: error })))
    child.once('close', (code, signal) => {
      reject(new EngineError('engine_failed', complaints.join('\n') || `The embedded MongoDB ended at once (${signal ?? `exit code ${code}`}).`))
    })
  })
}

/** Whether the child keeps this process alive: not while it only serves, but while somebody waits for its end. */
function setReferenced(child: ChildProcess, referenced: boolean): void {
  const verb = referenced ? 'ref' : 'unref'
  child[verb]()
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    (stream as unknown as { ref?: () => void, unref?: () => void } | null)?.[verb]?.()
  }
}
