import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findBrowser } from '../tests/support/browser'
import { ensureBuild, rootDir } from '../tests/support/build'
import { logsFolder, pagesFolder } from '../tests/support/canary'
import { bin, runCommand } from './run-command'
import { sideBySide, type Task } from './side-by-side'
import { readPlaywright, readVitest, type Totals } from './test-reports'

/**
 * `npm test [-- step …]`: every step, or those whose name contains one of the words. Steps that
 * need nothing of each other run side by side; what a step prints is shown when it is over. Goes on
 * after a failure, so that one run shows them all; prints a summary and closes with the totals.
 * With TEST_MONGODB_URI the tests run against that server, with TEST_SEED in a random order.
 */
const reports = join(rootDir, 'artifacts', 'tests')
const seed = process.env.TEST_SEED
/** Steps that run at the same time; each uses about one core. */
const width = Math.min(2, availableParallelism())
const progressIntervalMs = 60_000

interface Step extends Task {
  command: string[] | (() => Promise<void>)
  env?: Record<string, string>
  /** JSON report of the step, and how its totals are read. Without one it counts as one test. */
  report?: { file: string; read: (report: never) => Totals }
}

interface Outcome extends Totals {
  name: string
  seconds: number
}

const fileOf = (step: string) => join(reports, step.replaceAll(/\W+/g, '-'))

function vitest(projects: string[], more: Partial<Step> = {}): Step {
  const name = projects.join(' + ')
  const file = `${fileOf(name)}.json`
  return {
    name,
    command: [
      bin('vitest'),
      'run',
      ...projects.flatMap(project => ['--project', project]),
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    report: { file, read: readVitest },
    ...more,
  }
}

const build = 'production build'
const browserReport = `${fileOf('browser')}.json`
/** Those that others wait for come first, then the longest. */
const tests: Step[] = [
  { name: build, command: () => ensureBuild({ force: true }) },
  vitest(['integration']),
  {
    name: 'browser',
    needs: [build],
    command: [
      bin('playwright'),
      'test',
      '--reporter=list,json',
      ...(seed === undefined ? [] : ['--shuffle', seed]),
    ],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: browserReport },
    report: { file: browserReport, read: readPlaywright },
  },
  vitest(['built'], { needs: [build] }),
  vitest(['processes']),
  { name: 'typecheck', command: [bin('nuxt'), 'typecheck'] },
  vitest(['unit', 'components']),
  { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0'] },
  { name: 'format', command: [bin('prettier'), '--check', '.'] },
  { name: 'unused code', command: [bin('knip')] },
]
const steps: Step[] = [
  ...tests,
  {
    name: 'canary scan',
    after: tests.map(step => step.name),
    command: [bin('tsx'), join(rootDir, 'scripts', 'canary-scan.ts')],
  },
]

/**
 * Stands in every secret of this run (`tests/support/canary.ts`); the last step looks for it where
 * none may be.
 */
const canary = `cnry${randomBytes(4).toString('hex')}`

/** @returns the exit code and what was printed; that is also in `artifacts/tests/<step>.log` */
async function run({
  name,
  command,
  env,
}: Step): Promise<{ code: number | null; printed: string }> {
  if (typeof command !== 'function') {
    const marks = { TEST_CANARY: canary, SIMULATOR_TOKEN_MARK: canary }
    return await runCommand(command, { env: { ...marks, ...env }, log: `${fileOf(name)}.log` })
  }
  return await command().then(
    () => ({ code: 0, printed: '' }),
    (error: unknown) => ({
      code: 1,
      printed: error instanceof Error ? error.message : String(error),
    }),
  )
}

function totals(step: Step, code: number | null): Totals {
  const ended = `the step ended with ${code}`
  if (!step.report)
    return code === 0
      ? { passed: 1, failed: 0, skipped: 0, failures: [] }
      : { passed: 0, failed: 1, skipped: 0, failures: [ended] }
  try {
    const read = step.report.read(JSON.parse(readFileSync(step.report.file, 'utf8')) as never)
    if (code === 0 || read.failed > 0) return read
    // A suite may fail without a failed test: an error outside of them, a file that does not load.
    return { ...read, failed: 1, failures: [...read.failures, `${ended}, no test failed`] }
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: [`no report: ${ended}`] }
  }
}

async function browserLine(): Promise<string> {
  try {
    const { source, executablePath } = await findBrowser()
    return `Browser: ${source === 'playwright' ? "Playwright's own Chromium" : executablePath}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const print = (text: string) => void process.stdout.write(`${text}\n`)
const startedAt = Date.now()
const secondsSince = (at: number) => Math.round((Date.now() - at) / 1000)
const outcomes: Outcome[] = []
const running = new Set<string>()

async function runAndTell(step: Step): Promise<boolean> {
  print(`▶ ${step.name}, at ${secondsSince(startedAt)} s`)
  running.add(step.name)
  const stepStartedAt = Date.now()
  const { code, printed } = await run(step)
  running.delete(step.name)
  const outcome = {
    name: step.name,
    ...totals(step, code),
    seconds: secondsSince(stepStartedAt),
  }
  outcomes.push(outcome)
  const { passed, failed, seconds } = outcome
  print(`\n── ${step.name}: ${passed} passed, ${failed} failed, ${seconds} s ──`)
  if (printed.trim() !== '') print(printed.trimEnd())
  print('')
  return failed === 0
}

function summary({ name, passed, failed, skipped, seconds }: Outcome): string {
  const mark = failed === 0 ? '✔' : '✘'
  const counts = [
    [passed, 'passed'],
    [failed, 'failed'],
    [skipped, 'skipped'],
    [seconds, 's'],
  ].map(([count, word]) => `${String(count).padStart(5)} ${word}`)
  return `${mark} ${name.padEnd(20)} ${counts.join(' ')}`
}

for (const folder of [reports, logsFolder, pagesFolder])
  rmSync(folder, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const words = process.argv.slice(2)
const wanted = steps.filter(
  step => words.length === 0 || words.some(word => step.name.includes(word)),
)
print(await browserLine())
if (seed !== undefined) print(`Random order: TEST_SEED=${seed}`)
const progress = setInterval(
  () => print(`… ${secondsSince(startedAt)} s: ${[...running].join(', ')}`),
  progressIntervalMs,
)
await sideBySide(wanted, width, runAndTell, (step, failed) =>
  outcomes.push({
    name: step.name,
    passed: 0,
    failed: 1,
    skipped: 0,
    failures: [`not run: ${failed} failed`],
    seconds: 0,
  }),
)
clearInterval(progress)

const inOrder = wanted.flatMap(step => outcomes.filter(outcome => outcome.name === step.name))
for (const outcome of inOrder) print(summary(outcome))
for (const { name, failures } of inOrder)
  for (const failure of failures) print(`\n✘ ${name}: ${failure}`)
const sum = (key: 'passed' | 'failed') =>
  outcomes.reduce((total, outcome) => total + outcome[key], 0)
print(`\n${secondsSince(startedAt)} s`)
print(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exit(sum('failed') === 0 ? 0 : 1)
