import { spawn, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

export interface AttachedProcess {
  pid: number
  /** Clean stop; resolves once the process is gone. */
  stop(): Promise<void>
  /** SIGKILL, as a crash would; resolves once the process is gone. */
  kill(): Promise<void>
  /** Resolves when the process is gone, for whatever reason. */
  ended: Promise<void>
}

export interface AttachedProcessOptions<Ready> {
  /**
   * TypeScript file to run. It must end when its standard input closes: then it dies with this
   * process, however this one ends.
   */
  script: string
  args: readonly string[]
  /** Reads a line of its standard output; anything but undefined says that it is ready. */
  readLine(line: string): Ready | undefined
  /** Receives the lines that `readLine` made nothing of, and all complaints */
  log?: (line: string) => void
  /**
   * Makes the error for a process that ended or never began; `complaint` is what it wrote to
   * standard error
   */
  failure(complaint: string, cause?: Error): Error
  /** Called once it is gone, before `ended` resolves */
  onGone?: () => void
}

const stopGraceMs = 10_000

/**
 * Starts a script in a process of its own that dies with this one, and waits until it is ready.
 * @throws what `failure` makes of it
 */
export async function startAttachedProcess<Ready>(
  options: AttachedProcessOptions<Ready>,
): Promise<AttachedProcess & { ready: Ready }> {
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(
    process.execPath,
    ['--import', typescriptLoader, options.script, ...options.args],
    // A group of its own: a terminal's Ctrl-C is for the app, which still needs the process while
    // it stops. NODE_OPTIONS of a test runner or an inspector are for this process.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: { ...process.env, NODE_OPTIONS: '' } },
  )
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => {
      options.onGone?.()
      resolve()
    })
  })
  const ready = await readiness(child, options)
  setReferenced(child, false)

  async function end(signal: NodeJS.Signals): Promise<void> {
    setReferenced(child, true)
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
    await ended
    clearTimeout(force)
  }

  return {
    ready,
    pid: child.pid ?? 0,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    ended,
  }
}

function readiness<Ready>(
  child: ChildProcess,
  { readLine, log, failure }: AttachedProcessOptions<Ready>,
): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const complaints: string[] = []
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', line => {
        const ready = readLine(line)
        if (ready !== undefined) resolve(ready)
        else log?.(line)
      })
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', line => {
        complaints.push(line)
        log?.(line)
      })
    child.once('error', error => reject(failure(error.message, error)))
    child.once('close', (code, signal) => {
      reject(
        failure(complaints.join('\n') || `It ended at once (${signal ?? `exit code ${code}`}).`),
      )
    })
  })
}

/**
 * Whether the child keeps this process alive: not while it only serves, but while somebody waits
 * for its end.
 */
function setReferenced(child: ChildProcess, referenced: boolean): void {
  const verb = referenced ? 'ref' : 'unref'
  child[verb]()
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    ;(stream as unknown as { ref?: () => void; unref?: () => void } | null)?.[verb]?.()
  }
}
