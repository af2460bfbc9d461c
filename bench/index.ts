import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface Bench {
  answers: string
  run(): Promise<void>
}

/** Benchmarks by name. Each prints its figures beside something to compare them with. */
const benches: Record<string, Bench> = {
  import: {
    answers:
      "How fast is the first import, how near to HubSpot's limit, how much memory? Beside the naive way.",
    run: async () => await (await import('./import')).benchImport(),
  },
  webhooks: {
    answers: 'How many webhook events a second are taken in, durably?',
    run: async () => await (await import('./webhooks')).benchWebhooks(),
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

/** In a process of its own, so that no bench measures what another one left behind. */
async function runApart(name: string): Promise<number> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const child = spawn(
    process.execPath,
    ['--import', loader, fileURLToPath(import.meta.url), '--here', name],
    { stdio: 'inherit' },
  )
  return await new Promise(resolve => child.once('close', code => resolve(code ?? 1)))
}

const [first = '', ...rest] = process.argv.slice(2)
if (first === '--here') {
  await benches[rest[0] ?? '']?.run()
  process.exit(0)
}
const asked = first === '' ? Object.keys(benches) : [first, ...rest]
if (asked.some(name => !(name in benches))) {
  process.stdout.write(
    `npm run bench [-- name …]\n\n${Object.entries(benches)
      .map(([name, { answers }]) => `  ${name.padEnd(10)} ${answers}`)
      .join('\n')}\n`,
  )
  process.exit(1)
}
for (const name of asked) {
  process.stdout.write(`\n# ${name}: ${benches[name]?.answers}\n`)
  if ((await runApart(name)) !== 0) process.exitCode = 1
}
