import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuild } from '../tests/support/build'
import { findBrowser } from '../tests/support/browser'
import { logsFolder, pagesFolder } from '../tests/support/canary'
import { readPlaywright, readVitest, type Totals } from './test-reports'

/**
 * `npm test`: everything, one after the other, on whatever machine this is. Goes on after a
 * failure, so that one run shows them all; prints a summary and closes with the totals. With
 * TEST_MONGODB_URI the tests run against that server.
 */
const rootDir = fileURLToPath(new URL('..', import.meta.url))
const reports = join(rootDir, 'artifacts', 'tests')

interface Outcome extends Totals {
  name: string
  seconds: number
}

interface Step {
  name: string
  command: string[] | (() => Promise<void>)
  env?: Record<string, string>
  /**
   * JSON report of the step, and how its totals are read. Without one the step counts as one test.
   */
  report?: { file: string; read: (report: never) => Totals }
}

const bin = (name: string) => join(rootDir, 'node_modules', '.bin', name)

function vitest(...projects: string[]): Step {
  const name = projects.join(' + ')
  const file = join(reports, `${projects.join('-')}.json`)
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
  }
}

const playwrightReport = join(reports, 'e2e.json')
const steps: Step[] = [
  { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0'] },
  { name: 'unused code', command: [bin('knip')] },
  { name: 'typecheck', command: [bin('nuxt'), 'typecheck'] },
  vitest('unit', 'components'),
  vitest('integration'),
  { name: 'production build', command: () => ensureBuild({ force: true }) },
  vitest('processes'),
  vitest('built'),
  {
    name: 'browser',
    command: [bin('playwright'), 'test', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport },
    report: { file: playwrightReport, read: readPlaywright },
  },
  { name: 'canary scan', command: [bin('tsx'), join(rootDir, 'scripts', 'canary-scan.ts')] },
]

/**
 * Stands in every secret of this run (`tests/support/canary.ts`); the last step looks for it where
 * none may be.
 */
const canary = `cnry${randomBytes(4).toString('hex')}`

async function run(step: Step): Promise<number | null> {
  if (typeof step.command === 'function') {
    return await step.command().then(
      () => 0,
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
        return 1
      },
    )
  }
  const [command = '', ...args] = step.command
  return await new Promise(resolve => {
    const child = spawn(command, args, {
      cwd: rootDir,
      stdio: 'inherit',
      shell: process.platform === 'win32',
      env: {
        ...process.env,
        NUXT_TELEMETRY_DISABLED: '1',
        TEST_CANARY: canary,
        SIMULATOR_TOKEN_MARK: canary,
        ...step.env,
      },
    })
    child.once('error', () => resolve(1))
    child.once('close', resolve)
  })
}

function totals(step: Step, code: number | null): Totals {
  const failed = code === 0 ? 0 : 1
  if (!step.report) return { passed: 1 - failed, failed, skipped: 0, failures: [] }
  try {
    const read = step.report.read(JSON.parse(readFileSync(step.report.file, 'utf8')) as never)
    // A suite may fail without a failed test: an error outside of them, a file that does not load.
    return { ...read, failed: Math.max(read.failed, failed) }
  } catch {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`no report: the step ended with ${code}`],
    }
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

for (const folder of [reports, logsFolder, pagesFolder])
  rmSync(folder, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const wanted = process.argv.slice(2)
process.stdout.write(`${await browserLine()}\n`)
const outcomes: Outcome[] = []
for (const step of steps) {
  if (wanted.length > 0 && !wanted.some(word => step.name.includes(word))) continue
  process.stdout.write(`\n── ${step.name} ──\n`)
  const startedAt = Date.now()
  const code = await run(step)
  outcomes.push({
    name: step.name,
    ...totals(step, code),
    seconds: Math.round((Date.now() - startedAt) / 1000),
  })
}

process.stdout.write('\n')
for (const { name, passed, failed, skipped, seconds } of outcomes) {
  process.stdout.write(
    `${failed === 0 ? '✔' : '✘'} ${name.padEnd(20)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped ${String(seconds).padStart(5)} s\n`,
  )
}
for (const { name, failures } of outcomes) {
  for (const failure of failures) process.stdout.write(`\n✘ ${name}: ${failure}\n`)
}
const sum = (key: 'passed' | 'failed') =>
  outcomes.reduce((total, outcome) => total + outcome[key], 0)
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exit(sum('failed') === 0 ? 0 : 1)
