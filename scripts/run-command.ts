import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { rootDir } from '../tests/support/build'

/** @returns the path of a command that npm installed */
export const bin = (name: string): string => join(rootDir, 'node_modules', '.bin', name)

export interface CommandOptions {
  env?: Record<string, string>
  /** File that also gets what is printed, as it comes */
  log?: string
  /** Ends the command (SIGTERM) when it aborts */
  signal?: AbortSignal
}

/**
 * Runs a command in the project's folder.
 * @returns the exit code, `null` when a signal ended it, and everything printed
 */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  { env, log, signal }: CommandOptions = {},
): Promise<{ code: number | null; printed: string }> {
  const copy = log === undefined ? undefined : createWriteStream(log)
  const printed: string[] = []
  const child = spawn(file, args, {
    cwd: rootDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    env: { ...process.env, NUXT_TELEMETRY_DISABLED: '1', ...env },
  })
  const end = () => void child.kill()
  signal?.addEventListener('abort', end)
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed.push(text)
      copy?.write(text)
    })
  }
  const code = await new Promise<number | null>(resolve => {
    child.once('error', () => resolve(1))
    child.once('close', resolve)
  })
  signal?.removeEventListener('abort', end)
  copy?.end()
  return { code, printed: printed.join('') }
}
