import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startMongoProcess } from '../modules/embedded-mongo/process'
import { startSimulatorProcess } from '../modules/hubspot-simulator/process'
import { createControlClient } from '../simulator/control-client'
import { freePort, startApp } from '../tests/support/app'
import { ensureBuild } from '../tests/support/build'
import { aPartner } from '../tests/support/builders'
import { createClient } from '../tests/support/client'
import { grantAccess, until } from '../tests/support/grant'

/**
 * `npm run test:soak -- [--minutes 10] [--contacts 2000] [--seed 1]`: the production build under edits from both sides, with kills and faults, for as
 * long as told; then waits until it is quiet and compares every record of both sides. Ends with 1 on a difference. Not part of `npm test`.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, contacts: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } } })
const untilMs = Date.now() + Number(values.minutes) * 60_000
const contacts = Number(values.contacts)
const base = '/api/v1/integrations/hubspot'

/** mulberry32: the same seed makes the same choices. */
let state = Number(values.seed) >>> 0
function random(below: number): number {
  state = (state + 0x6D2B79F5) >>> 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below
}
const say = (line: string) => void process.stdout.write(`${line}\n`)
const residentMb = (pid: number) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)

await ensureBuild()
const engine = await startMongoProcess({})
const database = 'soak'
const port = await freePort()
const simulator = await startSimulatorProcess({ port: 0, contacts, deals: Math.floor(contacts / 5), redirectUri: `http://localhost:${port}/v1/integrations/hubspot/callback` })
const control = createControlClient(simulator.url)
const portal = control.portal()
const start = (env: Record<string, string>) => startApp({ mongodbUri: engine.uri, database, port, hubspot: simulator.env, env: { NUXT_HUBSPOT_SYNC_INTERVAL: '5', NUXT_LOG_LEVEL: 'warn', ...env } })
let app = await start({})
const secrets = { NUXT_AUTH_JWT_SECRET: app.env.NUXT_AUTH_JWT_SECRET ?? '', NUXT_TOKEN_ENCRYPTION_KEYS: app.env.NUXT_TOKEN_ENCRYPTION_KEYS ?? '' }
const { admin } = await aPartner({ mongodbUri: engine.uri, database })
const client = createClient(app.url)
await client.signIn(admin.email, admin.password)
await grantAccess(client, app.env)
const quiet = () => until(async () => {
  const now = (await client.get(base)).json as { lastSyncedAt: string | null, currentRun: unknown } | undefined
  return now?.lastSyncedAt && now.currentRun === null
}, 'the sync is quiet', 600_000)
await quiet()
await client.request('PATCH', `${base}/settings`, { json: { writeBack: true } })

const done = { local: 0, remote: 0, created: 0, kills: 0, faults: 0, refused: 0 }
const memory: number[] = []
const remoteIds = (await portal.list('contacts', 1000)).map(record => record.id)
for (let round = 0; Date.now() < untilMs; round++) {
  const page = (await client.get(`/api/v1/leads?limit=50&sort=${random(2) === 0 ? '-updatedAt' : 'lastName'}`)).json as { items: { id: string }[] } | undefined
  for (let edit = 0; edit < 5; edit++) {
    const lead = page?.items[random(page.items.length)]
    if (lead && (await client.request('PATCH', `/api/v1/leads/${lead.id}`, { json: { jobTitle: `local ${round}-${edit}` } })).status === 200) done.local++
    else done.refused++
    const id = remoteIds[random(remoteIds.length)]
    if (id) await portal.edit('contacts', id, { company: `remote ${round}-${edit}` }).then(() => done.remote++, () => done.refused++)
  }
  if ((await client.post('/api/v1/leads', { email: `soak-${round}@example.test`, lastName: `Soak ${round}` })).status === 201) done.created++
  if (round % 10 === 3) {
    await control.inject({ path: '/crm/', times: 3, action: { kind: 'status', status: [429, 500, 503][random(3)] ?? 500 } }).then(() => done.faults++, () => done.refused++)
  }
  if (round % 20 === 19) {
    memory.push(residentMb(app.pid))
    await app.kill()
    done.kills++
    app = await start(secrets)
  }
  await new Promise(resolve => setTimeout(resolve, 500))
}

say('Waiting until it is quiet')
await control.clearFaults()
await until(async () => ((await client.get('/api/v1/leads?limit=1&syncState=pending')).json as { items: unknown[] } | undefined)?.items.length === 0, 'nothing is pending', 600_000)
await quiet()
let cursor: string | null = ''
let compared = 0
const differing: string[] = []
while (cursor !== null) {
  const page = (await client.get(`/api/v1/leads?limit=100${cursor ? `&cursor=${cursor}` : ''}`)).json as { items: { hubspotId: string | null, email: string | null, jobTitle: string | null, company: string | null }[], nextCursor: string | null }
  for (const lead of page.items) {
    const record = lead.hubspotId ? await portal.get('contacts', lead.hubspotId) : null
    compared++
    for (const [field, property] of [['email', 'email'], ['jobTitle', 'jobtitle'], ['company', 'company']] as const) {
      if ((record?.properties[property] || null) !== lead[field]) differing.push(`${lead.hubspotId} ${field}`)
    }
  }
  cursor = page.nextCursor
}
const duplicates = await portal.duplicates('contacts')
say(JSON.stringify({ ...done, compared, differing: differing.length, duplicates: duplicates.length, residentMbBeforeKills: memory, maxRequestsInTenSeconds: (await control.stats()).maxInTenSeconds }))
for (const line of differing.slice(0, 20)) say(line)
await app.stop()
await simulator.stop()
await engine.stop()
process.exit(differing.length + duplicates.length === 0 ? 0 : 1)
