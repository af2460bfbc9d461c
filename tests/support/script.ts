import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundle } from './bundle'
import { keepOutput } from './canary'

export interface RunningScript {
  child: ChildProcess
  /** The first line that it prints; rejects with what it complained about when it ends before */
  firstLine: Promise<string>
  ended: Promise<number | null>
  /** SIGKILL, as a crash would; resolves when it is gone */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code */
  stop(): Promise<number | null>
}

/**
 * A TypeScript file of this repository in a process of its own, with exactly this environment
 * beside what Node needs.
 */
export function runScript(
  file: URL,
  args: string[] = [],
  env: Record<string, string> = {},
): RunningScript {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return run(['--import', loader, fileURLToPath(file), ...args], env)
}

/** The same, compiled beforehand: for processes that are started again and again. */
export async function runBundled(
  file: URL,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<RunningScript> {
  return run([await bundle(file), ...args], env)
}

function run(args: string[], env: Record<string, string>): RunningScript {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TMPDIR: process.env.TMPDIR,
      TEST_CANARY: process.env.TEST_CANARY,
      SIMULATOR_TOKEN_MARK: process.env.SIMULATOR_TOKEN_MARK,
      ...env,
    },
  })
  keepOutput(child, 'script')
  const complaints: string[] = []
  createInterface({ input: child.stderr }).on('line', line => complaints.push(line))
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    void ended.then(() => reject(new Error(complaints.join('\n') || 'It ended without a word')))
  })
  firstLine.catch(() => {})
  return {
    child,
    firstLine,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      return await ended
    },
  }
}
