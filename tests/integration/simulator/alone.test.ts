import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClock } from '../../../simulator/clock'
import { readConfig } from '../../../simulator/config'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf } from './connect'

/** The simulator without this product: configuration, page, state, time, and the README's examples. */
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'simulator-'))
const options = { ...readConfig('simulator/example.yaml'), port: 0, webhookUrl: null }
let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator(options)
})
afterAll(async () => {
  await simulator.stop()
  rmSync(folder, { recursive: true, force: true })
})

const readme = readFileSync('simulator/README.md', 'utf8')
/** The README's only example in a language, at this simulator's address */
const example = (language: string) =>
  present(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1]).replaceAll(
    'http://127.0.0.1:3999',
    simulator.url,
  )
const form = (fields: Record<string, string>, site = 'same-origin') =>
  fetch(simulator.url, {
    method: 'POST',
    headers: { 'sec-fetch-site': site },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })

test('each account is as the file says: pipelines, properties, currency, limits', async () => {
  const { accessToken } = await simulator.control.tokens(1001)
  const api = apiOf(simulator, accessToken)
  const { body: account } = await api('GET', '/account-info/v3/details')
  expect(account).toMatchObject({
    portalId: 1001,
    companyCurrency: 'INR',
    timeZone: 'Asia/Kolkata',
  })
  const { body, headers } = await api('GET', '/crm/objects/2026-09/deals?limit=3')
  const { results } = body as { results: { properties: Record<string, string> }[] }
  for (const { properties } of results) expect(properties.pipeline).toBe('partner')
  expect(headers.get('x-hubspot-ratelimit-max')).toBe('190')
  const made = await api('POST', '/crm/objects/2026-09/contacts', {
    properties: { favourite_colour: 'red' },
  })
  expect(made.status).toBe(201)
})

test('the page shows accounts, calls, limits, webhooks and faults, and sets them', async () => {
  const shown = await (await fetch(simulator.url)).text()
  for (const word of ['Acme Europe (1002)', 'of 190 in 10 s', 'Webhooks', 'Faults'])
    expect(shown).toContain(word)
  expect((await form({ do: 'fault', path: '/crm/', status: '502', times: '1' })).status).toBe(302)
  expect(await simulator.control.faults()).toMatchObject([{ path: '/crm/', times: 1 }])
  expect((await form({ do: 'setting', name: 'latencyMs', value: '0' })).status).toBe(302)
  expect((await simulator.control.state()).settings.latencyMs).toBe(0)
  expect((await form({ do: 'setting', name: 'latencyMs', value: 'soon' })).status).toBe(400)
  expect((await form({ do: 'setting', name: 'constructor', value: '1' })).status).toBe(400)
  expect((await form({ do: 'clock', to: 'never' })).status).toBe(400)
  for (const minutes of ['soon', '1e300'])
    expect((await form({ do: 'clock', minutes })).status).toBe(400)
  for (const times of ['often', '0', '1.5'])
    expect((await form({ do: 'fault', status: '502', times })).status).toBe(400)
  expect(await simulator.control.faults()).toHaveLength(1)
  // A page from elsewhere cannot send the form.
  expect((await form({ do: 'fault', status: '500' }, 'cross-site')).status).toBe(403)
  await simulator.control.clearFaults()
})

test('time can be turned to an instant', async () => {
  await simulator.control.turnClock('2030-05-06T07:08:09Z')
  const { createdAt } = await simulator.control.portal(1002).create('contacts', { city: 'Ulm' })
  expect(createdAt).toMatch(/^2030-05-06T07:08/)
  await simulator.control.turnClock(new Date().toISOString())
})

test('time goes on after a turn that leads nowhere', async () => {
  const { control, url } = simulator
  const { clockOffsetMs } = await control.state()
  for (const body of [{ advanceMs: 'soon' }, { advanceMs: 1e300 }, { to: 'never' }, {}]) {
    const answer = await fetch(`${url}/_control/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { message: expect.stringMatching(/time/i) as string },
    ])
  }
  expect((await control.state()).clockOffsetMs).toBe(clockOffsetMs)
  expect((await fetch(url)).status).toBe(200)
  expect(() => createClock().advance(Number.NaN)).toThrow(RangeError)
})

test('its state is kept in a file, and another process goes on from it', async () => {
  const state = join(folder, 'state.json')
  const first = await startSimulator({ ...options, state })
  const here = first.control.portal(1001)
  const { refreshToken } = await first.control.tokens(1001)
  const contact = await here.create('contacts', { email: 'kept@example.com' })
  const [deal] = await here.list('deals', 1)
  await here.associate(contact.id, present(deal).id)
  await here.edit('contacts', contact.id, { firstname: 'Kept' })
  await first.control.inject({ path: '/oauth/', times: null, action: { kind: 'hang' } })
  await first.stop()

  const second = await startSimulator({ ...options, state })
  try {
    const there = second.control.portal(1001)
    expect(await there.get('contacts', contact.id)).toMatchObject({
      properties: { email: 'kept@example.com', firstname: 'Kept' },
      associations: [present(deal).id],
    })
    expect(await second.control.faults()).toMatchObject([{ path: '/oauth/' }])
    await second.control.clearFaults()
    const response = await fetch(`${second.url}/oauth/v3/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: second.env.NUXT_PUBLIC_HUBSPOT_CLIENT_ID,
        client_secret: second.env.NUXT_HUBSPOT_CLIENT_SECRET,
        refresh_token: refreshToken,
      }),
    })
    expect(response.status).toBe(200)
    const { access_token: token } = (await response.json()) as { access_token: string }
    // Unique values are known again.
    const again = await apiOf(second, token)('POST', '/crm/objects/2026-09/contacts', {
      properties: { email: 'kept@example.com' },
    })
    expect(again.status).toBe(409)
  } finally {
    await second.stop()
  }
})

describe('the README', () => {
  test('its example in JavaScript runs', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', example('js')])
    expect(stdout).toMatch(/^201 \d+\n$/)
  })

  const python = hasPython()
  test.skipIf(!python)(
    'its example in Python runs (skipped where there is no python3)',
    async () => {
      const { stdout } = await run('python3', ['-c', example('python')])
      expect(stdout).toMatch(/^201 \d+\n$/)
    },
  )
})

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
