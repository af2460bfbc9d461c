import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface RunningScript {
  child: ChildProcess
  /**
   * Resolves with the first line of its output; rejects with what it complained about when it ends
   * before.
   */
  firstLine: Promise<string>
  /** Resolves when it ended and everything it wrote was read. */
  ended: Promise<{ code: number | null; stdout: string[]; stderr: string[] }>
}

interface RunOptions {
  env?: Record<string, string>
  /** Runs before the script, as a `data:` module. */
  preload?: string
}

/**
 * A TypeScript file of this repository in a process of its own. `file` is relative to this folder.
 */
export function runScript(
  file: string,
  args: string[],
  { env = {}, preload }: RunOptions = {},
): RunningScript {
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const imports = preload
    ? [`data:text/javascript,${encodeURIComponent(preload)}`, typescriptLoader]
    : [typescriptLoader]
  const child = spawn(
    process.execPath,
    [
      ...imports.flatMap(module => ['--import', module]),
      fileURLToPath(new URL(file, import.meta.url)),
      ...args,
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_ENV: 'development',
        TEST: '',
        VITEST: '',
        ...env,
      },
    },
  )
  const stdout: string[] = []
  const stderr: string[] = []
  const output = createInterface({ input: child.stdout }).on('line', line => stdout.push(line))
  createInterface({ input: child.stderr }).on('line', line => stderr.push(line))
  const ended = new Promise<{ code: number | null; stdout: string[]; stderr: string[] }>(
    resolve => {
      child.once('close', code => resolve({ code, stdout, stderr }))
    },
  )
  const firstLine = new Promise<string>((resolve, reject) => {
    output.once('line', resolve)
    void ended.then(() => reject(new Error(stderr.join('\n') || 'ended without a word')))
  })
  firstLine.catch(() => {})
  return { child, firstLine, ended }
}

/** The CLI behind `npm run mongo`. */
export function runCli(args: string[], options?: RunOptions): RunningScript {
  return runScript('../../../modules/embedded-mongo/cli.ts', args, options)
}
