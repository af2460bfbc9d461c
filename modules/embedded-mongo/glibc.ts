import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { rebindToOlderGlibc } from './elf'

/**
 * Raise it whenever `rebindToOlderGlibc` writes something else: old copies are then left alone and
 * new ones made.
 */
const copyFormat = 1

/**
 * glibc version of the running process (`'2.36'`), or `undefined` where there is none (musl, macOS,
 * Windows).
 */
export function glibcVersion(): string | undefined {
  if (!process.report) return undefined
  // Without this the report resolves the host name of every open socket.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime
}

/** Whether a glibc of this version is older than 2.38, which the engine was linked against. */
export function isOlderThanEngineNeeds(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 2 || (major === 2 && minor < 38)
}

/**
 * Copies of `files` that load on an older glibc, side by side in one directory below
 * `cacheDirectory` (the engine finds its second file beside the first). Named by content, made
 * once, never half written: several processes may ask at once.
 * @returns paths of the copies, in the order of `files`
 */
export function reboundCopies(files: string[], cacheDirectory: string): string[] {
  const contents = files.map(file => readFileSync(file))
  const hash = contents
    .reduce(
      (sum, content) => sum.update(content),
      createHash('sha256').update(`format ${copyFormat}\n`),
    )
    .digest('hex')
  const target = join(cacheDirectory, hash.slice(0, 32))
  const copies = files.map(file => join(target, basename(file)))
  if (copies.every(copy => existsSync(copy))) return copies

  mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 })
  const draft = mkdtempSync(join(cacheDirectory, 'draft-'))
  try {
    contents.forEach((content, i) =>
      writeFileSync(join(draft, basename(files[i] ?? '')), rebindToOlderGlibc(content)),
    )
    renameSync(draft, target)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another process was faster: its copy is as good as ours.
    if (!copies.every(copy => existsSync(copy))) throw error
  }
  return copies
}

/**
 * Where copies are kept: `preferred`, or this user's own folder among the temporary files where
 * that cannot be written.
 */
export function writableCacheDirectory(preferred: string): string {
  try {
    mkdirSync(preferred, { recursive: true, mode: 0o700 })
    rmSync(mkdtempSync(join(preferred, 'probe-')), { recursive: true })
    return preferred
  } catch {
    const own = join(tmpdir(), `partner-connector-embedded-mongo-${userInfo().uid}`)
    mkdirSync(own, { recursive: true, mode: 0o700 })
    const { uid, mode } = lstatSync(own)
    // What lies here is loaded as code: nobody else may have made the folder or be able to write to
    // it.
    const isOurs = uid === userInfo().uid && (mode & 0o022) === 0
    return isOurs ? own : mkdtempSync(join(tmpdir(), 'partner-connector-embedded-mongo-'))
  }
}
