import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { rootDir } from '../tests/support/build'
import { strangeness } from '../simulator/strangeness'
import { runChaos } from './soak/chaos'
import { whyNoStepDowns } from './soak/database-faults'
import { runPlanner } from './soak/planner/index'
import { bin } from './run-command'
import { readVitest, type VitestReport } from './test-reports'

const usage = `npm run test:soak -- [crash] [model] [chaos] [planner] [proofs] [failover] [strange] [--only NAME] [--rounds 20] [--runs 500] [--steps 60] [--minutes 10] [--contacts 1000] [--deals 300] [--histories 1000000] [--seed n] [--seeds 1]

The long proofs; the first five unless some are named. Not part of npm test, which has each of them short.
  crash  real processes killed at every named point of a token refresh and of a sync, and restarted with a
         request in flight, each --rounds times; races of callbacks, partners and disconnects, ten times that
  model  --runs random stories of --steps edits on both sides, seeds --seed and up
  chaos  two app processes for --minutes, killed at random, under faults of HubSpot and of the database and
         edits from both sides; --seeds times, seeds --seed and up
  failover  the same on the replica set that TEST_MONGODB_URI names, whose primary steps down at random
  strange  what syncs, once for each strangeness of HubSpot that simulator/strangeness.ts has; --only NAME
  planner  --histories whole histories through the code that plans, without I/O, seeds --seed and up;
         then small faults put into that code, each to be found
  proofs  tests that npm test has in a short form (tests/support/proofs.ts), whole: every injection into every
         field, every id for everybody, every read by itself, the full numbers of records
`
const parts = ['crash', 'model', 'chaos', 'planner', 'proofs', 'failover', 'strange'] as const
type Part = (typeof parts)[number]

/** What the matrix of HubSpot's strangeness runs: all that reads from HubSpot and writes to it */
const strangeSuites = ['sync', 'inbound', 'records', 'mapping', 'connection'].map(
  folder => `tests/integration/${folder}/`,
)

/** The files that ask `tests/support/proofs.ts` how much they have to do */
const proofs = [
  'built/injections',
  'built/tenants',
  'built/fuzz',
  'integration/reading',
  'integration/sync/fairness',
  'integration/sync/incremental',
  'integration/sync/rereads',
  'processes/connection/crash-points',
].map(name => `tests/${name}.test.ts`)
const wholeProofs = { TEST_PROOFS: 'whole' }

interface Outcome {
  passed: number
  failed: number
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '20' },
    runs: { type: 'string', default: '500' },
    steps: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '10' },
    contacts: { type: 'string', default: '1000' },
    deals: { type: 'string', default: '300' },
    histories: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', short: 'h' },
  },
})

/** Runs a command that npm installed in this terminal. @returns its exit code */
async function runHere(
  name: string,
  args: string[],
  env: Record<string, string>,
): Promise<number | null> {
  const child = spawn(bin(name), args, {
    cwd: rootDir,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return await new Promise(resolve => child.once('close', resolve))
}

/** Tests of the suite, made long by their environment. */
async function vitest(part: Part, files: string[], env: Record<string, string>): Promise<Outcome> {
  const report = join(rootDir, 'artifacts', 'soak', `${part}.json`)
  mkdirSync(join(rootDir, 'artifacts', 'soak'), { recursive: true })
  const projects = ['integration', 'processes', 'built'].flatMap(name => ['--project', name])
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await runHere('vitest', ['run', ...projects, ...files, ...reporters], env)
  try {
    const { passed, failed } = readVitest(JSON.parse(readFileSync(report, 'utf8')) as VitestReport)
    return { passed, failed: Math.max(failed, code === 0 ? 0 : 1) }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const work: Record<Part, () => Promise<Outcome>> = {
  crash: () =>
    vitest(
      'crash',
      [
        'crash-points',
        'killed-changes',
        'engine-kill',
        'connection/refresh',
        'connection/races',
        'sync/disconnect',
        'built/drain',
        'built/database-outage',
      ].map(name => `${name}.test.ts`),
      {
        CRASH_ROUNDS: values.rounds,
        RACE_ROUNDS: String(10 * Number(values.rounds)),
        DRAIN_ROUNDS: values.rounds,
        LATE_SECONDS: '10,60',
        KILLED_RECORDS: values.contacts,
      },
    ),
  model: () =>
    vitest('model', ['tests/integration/sync/model.test.ts'], {
      MODEL_RUNS: values.runs,
      MODEL_STEPS: values.steps,
      MODEL_SEED: values.seed,
    }),
  chaos: () => chaos('faults'),
  async failover() {
    const obstacle = await whyNoStepDowns(process.env.TEST_MONGODB_URI)
    if (obstacle === null) return await chaos('stepDowns')
    process.stdout.write(`failover: ${obstacle}\n`)
    return { passed: 0, failed: 1 }
  },
  async strange() {
    const total: Outcome = { passed: 0, failed: 0 }
    for (const name of Object.keys(strangeness).filter(one => (values.only ?? one) === one)) {
      process.stdout.write(`\n── ${name} ──\n`)
      const { passed, failed } = await vitest('strange', strangeSuites, { SIMULATOR_STRANGE: name })
      process.stdout.write(`strange, ${name}: ${passed} passed, ${failed} failed\n`)
      total.passed += passed
      total.failed += failed
    }
    return total
  },
  async proofs() {
    const { passed, failed } = await vitest('proofs', proofs, wholeProofs)
    // Accessibility in both colour modes, by every rule.
    const code = await runHere('playwright', ['test'], wholeProofs)
    return code === 0 ? { passed: passed + 1, failed } : { passed, failed: failed + 1 }
  },
  planner: async () =>
    tellChecks(
      await runPlanner({ histories: Number(values.histories), seed: Number(values.seed) }),
    ),
}

async function chaos(database: 'faults' | 'stepDowns'): Promise<Outcome> {
  const total: Outcome = { passed: 0, failed: 0 }
  for (let turn = 0; turn < Number(values.seeds); turn++) {
    const checks = await runChaos({
      database,
      minutes: Number(values.minutes),
      contacts: Number(values.contacts),
      deals: Number(values.deals),
      seed: Number(values.seed) + turn,
    })
    const { passed, failed } = tellChecks(checks)
    total.passed += passed
    total.failed += failed
  }
  return total
}

function tellChecks(checks: readonly { name: string; ok: boolean }[]): Outcome {
  for (const { name, ok } of checks) process.stdout.write(`${ok ? '✔' : '✘'} ${name}\n`)
  return {
    passed: checks.filter(check => check.ok).length,
    failed: checks.filter(check => !check.ok).length,
  }
}

const knows =
  positionals.every(word => parts.some(part => part === word)) &&
  (values.only === undefined || Object.hasOwn(strangeness, values.only))
if (values.help || !knows) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 1)
}
const total: Outcome = { passed: 0, failed: 0 }
for (const part of parts) {
  if (
    positionals.length > 0 ? !positionals.includes(part) : part === 'failover' || part === 'strange'
  )
    continue
  process.stdout.write(`\n── ${part}, seed ${values.seed} ──\n`)
  const { passed, failed } = await work[part]()
  process.stdout.write(`${part}: ${passed} passed, ${failed} failed\n`)
  total.passed += passed
  total.failed += failed
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`)
process.exit(total.failed === 0 ? 0 : 1)
