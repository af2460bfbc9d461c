import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startAttachedProcess, type AttachedProcess } from '../child-process/attached'
import { EngineError } from './errors'
import { socketDirectoryOf } from './socket'

export interface MongoProcess extends AttachedProcess {
  uri: string
}

interface MongoProcessOptions {
  /**
   * Database directory, created when missing. Left out: a temporary one that goes with the process.
   */
  dir?: string
  /** Where the temporary one is made; default: where this system keeps such */
  temporaryIn?: string
  /** Receives every line the process writes, the address excepted. */
  log?: (line: string) => void
  /** How long to wait for another engine to let go of the directory; default 0. */
  waitForLockMs?: number
}

const addressPrefix = 'MONGODB_URI='

/**
 * Starts the embedded engine in a process of its own that dies with this one, however this one
 * ends.
 * @throws {EngineError} `engine_failed` with the process's own message: unsupported platform,
 *   directory in use (names the pid)
 */
export async function startMongoProcess({
  dir,
  temporaryIn = tmpdir(),
  log,
  waitForLockMs = 0,
}: MongoProcessOptions): Promise<MongoProcess> {
  const directory = dir ?? mkdtempSync(join(temporaryIn, 'pc-mongodb-'))
  const args = [
    '--dir',
    directory,
    '--die-with-parent',
    '--wait-for-lock-ms',
    String(waitForLockMs),
  ]
  // The process removes its own directory, so that a kill of this one leaves nothing; this one does
  // after a kill of the process.
  if (dir === undefined) args.push('--delete-dir-at-end')
  let uri: string | undefined
  const { ready, ...child } = await startAttachedProcess({
    script: fileURLToPath(new URL('./cli.ts', import.meta.url)),
    args,
    readLine: line =>
      line.startsWith(addressPrefix) ? (uri = line.slice(addressPrefix.length)) : undefined,
    log,
    failure: (complaint, cause) =>
      new EngineError(
        'engine_failed',
        cause ? `The embedded MongoDB did not start: ${complaint}` : complaint,
        { cause },
      ),
    onGone() {
      if (dir === undefined) rmSync(directory, { recursive: true, force: true })
      if (uri !== undefined) rmSync(socketDirectoryOf(uri), { recursive: true, force: true })
    },
  })
  return { uri: ready, ...child }
}
