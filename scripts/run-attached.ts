import { spawn } from 'node:child_process'
import process from 'node:process'

/**
 * Runs Node with these arguments in this terminal.
 * @returns the exit code, `null` when a signal ended it
 */
export async function runAttached(args: readonly string[], cwd: string): Promise<number | null> {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit' })
  // Ctrl-C reaches the child by itself; a signal for this process alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void child.kill(signal))
  return await new Promise(resolve => child.once('close', resolve))
}
