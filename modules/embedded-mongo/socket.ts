import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/**
 * The address of a Unix socket holds 108 bytes on Linux and 104 on macOS, the closing zero
 * included.
 */
const socketPathLimitBytes = 103
const socketNameBytes = '/embedded-mongodb-XXXXXX/mongodb.sock'.length
const socketDirectoryPattern = /^embedded-mongodb-\w{6}$/
/**
 * In the database directory: where the running engine has its socket, so that the next one can
 * clear up after a kill.
 */
const noteName = 'embedded-socket-directory'

/** Directory that holds the socket an engine's URI names. */
export function socketDirectoryOf(uri: string): string {
  return dirname(decodeURIComponent(new URL(uri).host))
}

/**
 * The engine makes its socket below TMPDIR; a deep one would pass the limit of a socket's address.
 */
export async function withShortTemporaryDirectory<T>(work: () => Promise<T>): Promise<T> {
  if (Buffer.byteLength(tmpdir()) + socketNameBytes <= socketPathLimitBytes) return work()
  const before = process.env.TMPDIR
  process.env.TMPDIR = '/tmp'
  try {
    return await work()
  } finally {
    process.env.TMPDIR = before
  }
}

/**
 * Removes what a killed engine left and notes the new socket. Call it with the directory locked:
 * whoever wrote the note is gone.
 */
export function noteSocketDirectory(databaseDirectory: string, uri: string): void {
  const note = join(databaseDirectory, noteName)
  const left = readIfThere(note)
  // The note is a file like any other: remove nothing that is not named like a socket directory.
  if (left && socketDirectoryPattern.test(basename(left)))
    rmSync(left, { recursive: true, force: true })
  writeFileSync(note, socketDirectoryOf(uri))
}

/** After a clean stop there is nothing to clear up. */
export function forgetSocketDirectory(databaseDirectory: string): void {
  rmSync(join(databaseDirectory, noteName), { force: true })
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
