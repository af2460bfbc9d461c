import { fork, type ChildProcess } from 'node:child_process'
import { bundle } from '../../support/bundle'
import { keepOutput } from '../../support/canary'

export type WorkerOrder =
  | { do: 'tokens'; partnerId: string; callers: number }
  | { do: 'disconnect'; partnerId: string }
  | {
      do: 'callback'
      partnerId: string
      userId: string
      sessionId: string
      start?: boolean
      code?: string
      state?: string
      secret?: string
    }

export interface WorkerAnswer {
  tokens?: string[]
  answered?: number
  status?: string
  location?: string
  state?: string
  secret?: string
}

export interface Worker {
  child: ChildProcess
  /** @returns the answer, or `null` when the process died before it had one */
  order(order: WorkerOrder): Promise<WorkerAnswer | null>
  /** Resolves when the process stopped itself (TEST_STOP_AT) */
  stopped: Promise<void>
  ended: Promise<void>
}

/** Starts one worker and waits until it can reach the database. */
async function startWorker(environment: Record<string, string>): Promise<Worker> {
  const child = fork(await bundle(new URL('worker.ts', import.meta.url)), [], {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '', VITEST: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  keepOutput(child, 'worker')
  child.stdout?.resume()
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const stopped = new Promise<void>(resolve =>
    child.on('message', (message: { stopped?: string }) => message.stopped && resolve()),
  )
  await Promise.race([
    new Promise<void>(resolve => child.once('message', () => resolve())),
    ended.then(() => Promise.reject(new Error('A worker ended at its start'))),
  ])
  return {
    child,
    stopped,
    ended,
    order: order =>
      new Promise((resolve, reject) => {
        const onMessage = (message: { answer?: WorkerAnswer; failure?: string }) => {
          if (!message.answer && !message.failure) return
          child.off('message', onMessage)
          if (message.failure) reject(new Error(message.failure))
          else resolve(message.answer ?? null)
        }
        child.on('message', onMessage)
        void ended.then(() => resolve(null))
        child.send(order)
      }),
  }
}

/**
 * The workers of one test file: each with this environment and what a test adds to it, all killed
 * at the end.
 */
export function createWorkers(environment: () => Record<string, string>) {
  const workers: Worker[] = []
  return {
    async start(env: Record<string, string> = {}): Promise<Worker> {
      const started = await startWorker({ ...environment(), ...env })
      workers.push(started)
      return started
    },
    kill(): void {
      for (const { child } of workers) child.kill('SIGKILL')
    },
  }
}
