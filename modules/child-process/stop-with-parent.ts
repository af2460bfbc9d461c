import { onceNpmIsGone } from './npm-gone'

/**
 * Resolves once a command that serves until it is stopped shall end: SIGINT, SIGTERM, the end of
 * the `npm run` that started it, or, for a child that must not outlive its parent, the end of its
 * standard input (which a kill of the parent closes too).
 */
export function toldToStop({ dieWithParent }: { dieWithParent: boolean }): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    // Handlers stay: a terminal's Ctrl-C reaches this process and its runner, and a second signal
    // must not cut the end short.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => {})
    if (!dieWithParent) {
      onceNpmIsGone(resolve)
      return
    }
    process.stdin.once('end', resolve).once('close', resolve).once('error', resolve).resume()
    // A parent that is gone can read nothing either.
    process.stdout.on('error', () => resolve())
    process.stderr.on('error', () => resolve())
  })
}
