import type { ChildProcess } from 'node:child_process'
import { appendFileSync, createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { rootDir } from './build'

/**
 * The mark that every secret of a run of `npm test` carries (`scripts/test.ts` sets it), twelve
 * letters and digits; none outside of such a run. Nothing that an app writes or shows may hold it:
 * the last step of that run looks.
 */
export const canary = process.env.TEST_CANARY ?? ''
export const logsFolder = join(rootDir, 'artifacts', 'logs')
export const pagesFolder = join(rootDir, 'artifacts', 'pages')
/** A process that writes more than this is looked at this far. */
const maxLogBytes = 16 * 1024 * 1024

/**
 * @returns the level at which a process of a test writes its log: this one, or everything in a run
 *   that looks for secrets afterwards
 */
export const logLevel = (level: string): string => (canary === '' ? level : 'trace')

/** @returns a secret text of this length in bytes before base64url, marked */
export const secretText = (bytes: number): string =>
  `${canary}${randomBytes(bytes).toString('base64url')}`

/** @returns these key bytes, with the mark over their beginning */
export function marked(key: Buffer): Buffer {
  return Buffer.concat([Buffer.from(canary, 'latin1'), key.subarray(canary.length)])
}

/** Keeps what a process writes, for the scan. */
export function keepOutput(child: ChildProcess, name: string): void {
  if (canary === '') return
  mkdirSync(logsFolder, { recursive: true })
  const file = createWriteStream(
    join(logsFolder, `${name}-${child.pid ?? 'none'}-${randomBytes(3).toString('hex')}.log`),
  )
  let left = maxLogBytes
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (left > 0) file.write(chunk)
      left -= chunk.length
    })
  }
  child.once('close', () => file.end())
}

/** Keeps lines of a log within this process, for the scan. */
export function keepLine(name: string, line: string): void {
  if (canary === '') return
  mkdirSync(logsFolder, { recursive: true })
  appendFileSync(join(logsFolder, `${name}-${process.pid}.log`), line)
}

/** Keeps what a browser was shown or sent, for the scan. */
export function keepPage(name: string, text: string): void {
  if (canary === '') return
  mkdirSync(pagesFolder, { recursive: true })
  appendFileSync(join(pagesFolder, `${name.replace(/\W+/g, '-').slice(0, 100)}.txt`), `${text}\n`)
}
