import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createSimulator } from '../simulator/index'
import { installClient } from './clients/install'
import { clients, type ClientPackage } from './clients/list'
import {
  isAsExpected,
  readSteps,
  tableOf,
  type ClientResult,
  type StepResult,
} from './clients/table'

const usage = `npm run test:clients -- [names…] [--write] [--keep]

Installs public HubSpot clients, unmodified, into a temporary folder and runs them against the
simulator; only HubSpot's addresses are rewritten. Prints a table of client, step and outcome.
  names    only clients whose name holds one of these
  --write  keeps the table in docs/clients.md, where no names are given: it is the table of all
  --keep   leaves the temporary folder
`
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
})
/** What clients ask for beside the product's own scopes */
const moreScopes = [
  'crm.schemas.contacts.write',
  ...['objects', 'schemas'].flatMap(part =>
    ['read', 'write'].map(verb => `crm.${part}.companies.${verb}`),
  ),
]
const rootDir = fileURLToPath(new URL('..', import.meta.url))

async function runClient(client: ClientPackage, folder: string): Promise<StepResult[]> {
  await installClient(client, folder)
  const simulator = await createSimulator({ contacts: 230, deals: 60 })
  await simulator.control.set({ autoGrantPortalId: 48_210_001, rateLimits: false })
  const { app } = await simulator.control.state()
  const scopes = [...new Set([...app.requiredScopes, ...app.optionalScopes, ...moreScopes])]
  await simulator.control.setApp({ requiredScopes: scopes, optionalScopes: [] })
  try {
    const child = spawn(process.execPath, [`${client.steps}.mjs`], {
      cwd: folder,
      env: {
        ...process.env,
        SIMULATOR_URL: simulator.url,
        CLIENT_ID: simulator.env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
        CLIENT_SECRET: simulator.env.NUXT_HUBSPOT_CLIENT_SECRET,
        REDIRECT_URI: simulator.env.NUXT_PUBLIC_HUBSPOT_REDIRECT_URI,
        SCOPES: scopes.join(' '),
        PROJECT_FOLDER: join(rootDir, 'hubspot-app'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 120_000,
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    const steps = readSteps(output)
    if (code !== 0)
      steps.push({
        name: 'runs to its end',
        outcome: 'failed',
        detail: `exit ${code}`,
        known: null,
      })
    return steps
  } finally {
    await simulator.stop()
  }
}

async function keep(results: readonly ClientResult[]): Promise<void> {
  const path = join(rootDir, 'docs', 'clients.md')
  const page = await readFile(path, 'utf8')
  const marked = /(<!-- table -->\n)[\s\S]*(<!-- end -->)/
  await writeFile(
    path,
    page.replace(
      marked,
      (_all, begin: string, end: string) => `${begin}${tableOf(results)}\n${end}`,
    ),
  )
}

const isNamed = ({ name, version }: ClientPackage, word: string) =>
  `${name}@${version}`.includes(word)
if (values.help || positionals.some(word => !clients.some(client => isNamed(client, word)))) {
  process.stdout.write(usage)
  process.exit(values.help ? 0 : 1)
}
const wanted = clients.filter(
  client => positionals.length === 0 || positionals.some(word => isNamed(client, word)),
)
const folder = await mkdtemp(join(tmpdir(), 'hubspot-clients-'))
const results: ClientResult[] = []
for (const [index, client] of wanted.entries()) {
  const { name, version } = client
  process.stderr.write(`${name} ${version} …\n`)
  const steps = await runClient(client, join(folder, String(index))).catch((error: unknown) => [
    { name: 'is installed', outcome: 'failed' as const, detail: String(error), known: null },
  ])
  results.push({ name, version, steps })
}
if (values.keep) process.stderr.write(`kept: ${folder}\n`)
else await rm(folder, { recursive: true, force: true })
process.stdout.write(`${tableOf(results)}\n`)
if (values.write && positionals.length === 0) await keep(results)
const strange = results.flatMap(({ steps }) => steps).filter(step => !isAsExpected(step))
process.stdout.write(
  `${strange.length === 0 ? 'as expected' : `${strange.length} not as expected`}\n`,
)
process.exit(strange.length === 0 ? 0 : 1)
