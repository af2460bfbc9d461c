import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { rootDir } from '../tests/support/build'
import { bin, runCommand } from './run-command'
import { sideBySide, type Task } from './side-by-side'

/**
 * `npm run test:quick [-- ref]`: what can be said within 90 seconds about what changed since `ref`
 * (default: since the branch left main, uncommitted work included). A check that is not over by
 * then is ended and named; `npm test` is what counts.
 */
const limitMs = 80_000

const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: rootDir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(line => line !== '')

/** Where the branch left main; the last commit where there is no other main. */
function startOfWork(): string {
  for (const main of ['origin/main', 'main']) {
    try {
      const [base] = git('merge-base', main, 'HEAD')
      if (base) return base
    } catch {
      // No such branch in this clone.
    }
  }
  return 'HEAD'
}

/** @returns the folder of integration tests that mirrors a file of the server, if there is one */
function mirrorOf(file: string): string | undefined {
  if (!file.startsWith('server/')) return undefined
  for (let part = dirname(file.slice('server/'.length)); part !== '.'; part = dirname(part)) {
    const folder = join('tests', 'integration', part)
    if (existsSync(join(rootDir, folder))) return folder
  }
  return undefined
}

const [since = startOfWork()] = process.argv.slice(2)
const changed = [
  ...new Set([
    ...git('diff', '--name-only', '--diff-filter=d', since),
    ...git('ls-files', '--others', '--exclude-standard'),
  ]),
]
const code = changed.filter(file => /\.(ts|vue|mjs)$/.test(file))
const integration = [
  ...new Set(
    changed.flatMap(file =>
      /^tests\/integration\/.*\.test\.ts$/.test(file) ? [file] : (mirrorOf(file) ?? []),
    ),
  ),
]

interface Check extends Task {
  command: string[]
}
const vitest = bin('vitest')
const checks: Check[] = [
  { name: 'types', command: [bin('vue-tsc'), '--noEmit'] },
  {
    name: 'unit and component tests',
    command: [
      vitest,
      'related',
      ...code,
      '--run',
      '--passWithNoTests',
      '--project',
      'unit',
      '--project',
      'components',
    ],
  },
  { name: 'lint', command: [bin('eslint'), '--max-warnings', '0', ...code] },
  { name: 'format', command: [bin('prettier'), '--check', '--ignore-unknown', ...changed] },
  ...(integration.length === 0
    ? []
    : [
        {
          name: 'integration tests',
          command: [vitest, 'run', ...integration, '--project', 'integration'],
        },
      ]),
]

const print = (text: string) => void process.stdout.write(`${text}\n`)
if (code.length === 0) {
  print(`No code has changed since ${since}.`)
  process.exit(0)
}
print(`${changed.length} files have changed since ${since.slice(0, 12)}.`)
const startedAt = Date.now()
const timeout = new AbortController()
const timer = setTimeout(() => timeout.abort(), limitMs)
const results: { mark: string; line: string }[] = []
await sideBySide(
  checks,
  Math.min(2, availableParallelism()),
  async ({ name, command }) => {
    const from = Date.now()
    const { signal } = timeout
    const { code: status, printed } = signal.aborted
      ? { code: null, printed: '' }
      : await runCommand(command, { signal })
    const mark = signal.aborted ? '…' : status === 0 ? '✔' : '✘'
    const seconds = Math.round((Date.now() - from) / 1000)
    if (mark !== '✔' && printed.trim() !== '') print(`\n── ${name} ──\n${printed.trimEnd()}\n`)
    const line = `${mark} ${name}${mark === '…' ? ': not over in time' : `, ${seconds} s`}`
    results.push({ mark, line })
    print(line)
    return true
  },
  () => {},
)
clearTimeout(timer)
const count = (mark: string) => results.filter(result => result.mark === mark).length
print(
  `\n${count('✔')} checks passed, ${count('✘')} failed, ${count('…')} not over, ${Math.round((Date.now() - startedAt) / 1000)} s`,
)
process.exit(count('✘') === 0 ? 0 : 1)
