import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { checkoutBefore } from './checkout'

export interface BenchOptions {
  /** Folder of the checkout to compare with, `null` for none */
  before: string | null
  /** Contacts and deals of `scale` */
  contacts: number
  deals: number
  /** Milliseconds that HubSpot takes to answer, for `import` and `scale` */
  latencyMs: number
}

interface Bench {
  answers: string
  run(options: BenchOptions): Promise<void>
}

/** Benchmarks by name. Each prints its figures beside something to compare them with. */
const benches: Record<string, Bench> = {
  import: {
    answers:
      "How fast is the first import, how near to HubSpot's limit, how much memory? Beside the naive way.",
    run: async options => await (await import('./import')).benchImport(options),
  },
  idle: {
    answers: 'What does one look at a partner cost, where nothing changed?',
    run: async options => await (await import('./idle')).benchIdle(options),
  },
  pages: {
    answers: 'How many pages and answers a second, how large, at what cost?',
    run: async options => await (await import('./pages')).benchPages(options),
  },
  webhooks: {
    answers: 'How many webhook events a second are taken in, durably?',
    run: async () => await (await import('./webhooks')).benchWebhooks(),
  },
  scale: {
    answers: 'How long takes a large import that is killed in the middle, and is everything there?',
    run: async options => await (await import('./scale')).benchScale(options),
  },
  latency: {
    answers: 'How long does an edit take from HubSpot to a lead, and back?',
    run: async () => await (await import('./latency')).benchLatency(),
  },
  fairness: {
    answers: "How much do one partner's hundred thousand changes slow another one's Sync Now down?",
    run: async () => await (await import('./fairness')).benchFairness(),
  },
}
/** The one that takes long is run when it is asked for. */
const usual = Object.keys(benches).filter(name => name !== 'scale')

const usage = `npm run bench [-- name … --before FOLDER_OR_COMMIT]

${Object.entries(benches)
  .map(([name, { answers }]) => `  ${name.padEnd(10)} ${answers}`)
  .join('\n')}

  --before   another checkout, or a commit of this one, to measure beside this one
  --contacts, --deals   of scale; 100000 and 10000 when left out
  --latency  milliseconds that HubSpot takes to answer, for import and scale; 300 when left out
`

/** In a process of its own, so that no bench measures what another one left behind. */
async function runApart(name: string, args: string[]): Promise<number> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(
    process.execPath,
    ['--import', loader, fileURLToPath(import.meta.url), name, '--here', ...args],
    { stdio: 'inherit' },
  )
  return await new Promise(resolve => child.once('close', code => resolve(code ?? 1)))
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    here: { type: 'boolean', default: false },
    before: { type: 'string' },
    contacts: { type: 'string', default: '100000' },
    deals: { type: 'string', default: '10000' },
    latency: { type: 'string', default: '300' },
  },
})
const names = positionals.length === 0 ? usual : positionals
if (names.some(name => !(name in benches))) {
  process.stdout.write(usage)
  process.exit(1)
}
if (values.here) {
  await benches[names[0] ?? '']?.run({
    before: checkoutBefore(values.before),
    contacts: Number(values.contacts),
    deals: Number(values.deals),
    latencyMs: Number(values.latency),
  })
  process.exit(0)
}
const passed = (['before', 'contacts', 'deals', 'latency'] as const).flatMap(name =>
  values[name] === undefined ? [] : [`--${name}`, values[name]],
)
for (const name of names) {
  process.stdout.write(`\n# ${name}: ${benches[name]?.answers}\n`)
  if ((await runApart(name, passed)) !== 0) process.exitCode = 1
}
