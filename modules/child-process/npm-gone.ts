import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const checkIntervalMs = 500

/**
 * Calls back once the `npm run` that started this process is gone. npm passes a signal on to its
 * shell only, and the shell does not pass it on at all: without this, whoever stops npm leaves an
 * engine behind that holds its directory. The chain is npm → shell → tsx → this process, so the
 * shell is the parent's parent.
 */
export function onceNpmIsGone(callback: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const shell = parentOf(process.ppid)
  if (shell === undefined) return
  const timer = setInterval(() => {
    if (parentOf(process.ppid) === shell) return
    clearInterval(timer)
    callback()
  }, checkIntervalMs)
  timer.unref()
}

function parentOf(pid: number): number | undefined {
  try {
    // proc(5): "pid (name) state ppid …", and a name may hold spaces and brackets.
    const parent =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]
        : execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' })
    return Number(parent)
  } catch {
    return undefined
  }
}
