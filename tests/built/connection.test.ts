import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policy } from '../../server/http/policy'
import type { ControlClient } from '../../simulator/control-client'
import type { RunningApp } from '../support/app'
import type { TestPartner } from '../support/builders'
import { codeOf, createClient, type Client } from '../support/client'
import { grantAccess, type Granted } from '../support/grant'
import { isStream, pathOf } from '../support/routes'
import { startStack, type Stack } from '../support/stack'
import { until } from '../support/until'
import { present } from '../support/present'

const contacts = 1200
const deals = 250
let stack: Stack
let app: RunningApp
let control: ControlClient
let partner: TestPartner
let admin: Client
let granted: Granted
const base = '/api/v1/integrations/hubspot'

beforeAll(async () => {
  stack = await startStack({
    simulator: { contacts, deals },
    env: {
      NUXT_LOG_LEVEL: 'trace',
      NUXT_HUBSPOT_TOKEN_ROUTE: 'true',
      NUXT_HUBSPOT_SYNC_INTERVAL: '3600',
    },
  })
  ;({ app, control } = stack)
  partner = await stack.aPartner()
  admin = createClient(app.url)
  await admin.signIn(partner.admin.email, partner.admin.password)
  granted = await grantAccess(admin, app.env)
})
afterAll(() => stack.stop())

const connection = async () =>
  (await admin.get(base)).json as {
    status: string
    currentRun: unknown
    lastSyncedAt: string | null
    writeBack: boolean
    scopes: string[]
  }
const total = async (path: string) =>
  ((await admin.get(`${path}?limit=1`)).json as { total: number | null }).total
const synced = () =>
  until(async () => {
    const now = await connection()
    return now.lastSyncedAt !== null && now.currentRun === null ? now : null
  }, 'the run has ended')

describe('the production build against a HubSpot', () => {
  it("connects through the guide's callback path and imports everything", async () => {
    expect(granted.location).toBe('/settings/hubspot?success=true')
    const now = await synced()
    expect(now).toMatchObject({ status: 'connected', writeBack: false })
    expect(await total('/api/v1/leads')).toBe(contacts)
    expect(await total('/api/v1/deals')).toBe(deals)
    const runs = (await admin.get(`${base}/runs`)).json as {
      items: {
        kind: string
        status: string
        counts: { seen: number; created: number; failed: number }
      }[]
    }
    expect(runs.items.at(-1)).toMatchObject({
      kind: 'initial',
      status: 'succeeded',
      counts: { seen: contacts + deals, created: contacts + deals, failed: 0 },
    })
    const { byStatus } = await control.stats()
    expect(byStatus['429'] ?? 0).toBe(0)
  })

  it("gives the guide's script its token on both paths, and no browser", async () => {
    for (const path of [`${base}/token`, base.replace('/api', '') + '/token']) {
      const answer = await admin.get(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(Object.keys(answer.json as object).sort()).toEqual(['access_token', 'expires_at'])
      expect((await admin.get(path, { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(
        403,
      )
    }
    const refreshed = await admin.post(`${base.replace('/api', '')}/refresh`)
    expect(Object.keys(refreshed.json as object)).toEqual(['expires_at'])
  })

  it('keeps tokens, secrets, codes, states and passwords out of log, database, pages and answers', async () => {
    const { access_token: accessToken } = (await admin.get(`${base}/token`)).json as {
      access_token: string
    }
    const cookie = present(admin.cookie.split('access_token=')[1]?.split(';')[0])
    const secrets: Record<string, string> = {
      accessToken,
      code: granted.code,
      state: granted.state,
      cookie,
      password: partner.admin.password,
      clientSecret: app.env.NUXT_HUBSPOT_CLIENT_SECRET,
      jwtSecret: app.env.NUXT_AUTH_JWT_SECRET,
      encryptionKey: present(app.env.NUXT_TOKEN_ENCRYPTION_KEYS.split(':')[1]),
    }
    expect(Object.values(secrets).filter(value => value.length < 12)).toEqual([])

    const places: Record<string, string> = { log: app.output() }
    const mongo = new MongoClient(stack.database.uri)
    const store = mongo.db(stack.database.database)
    for (const { name } of await store.listCollections({}, { nameOnly: true }).toArray())
      places[`database ${name}`] = JSON.stringify(await store.collection(name).find().toArray())
    await mongo.close()
    for (const path of [
      '/login',
      '/leads',
      '/settings/hubspot',
      '/settings/hubspot/mapping',
      '/settings/hubspot/activity',
      '/settings/hubspot/health',
      '/nothing-here',
    ]) {
      places[`page ${path}`] = (await admin.get(path, { headers: { accept: 'text/html' } })).text
    }
    for (const route of policy.filter(
      candidate =>
        candidate.method === 'GET' && !isStream(candidate) && !candidate.path.endsWith('/token'),
    )) {
      const answer = await admin.get(pathOf(route))
      places[`answer ${route.path}`] = answer.text + JSON.stringify([...answer.headers])
    }
    for (const [place, content] of Object.entries(places)) {
      for (const [name, secret] of Object.entries(secrets))
        expect(content.includes(secret), `${name} in ${place}`).toBe(false)
    }
    // The search itself finds what is there.
    expect(places['database partners']).toContain(partner.id.toHexString())
    process.stdout.write(
      `Canaries: ${Object.keys(secrets).length} secrets looked for in ${Object.keys(places).length} places, none found\n`,
    )
  })

  it('refuses a used callback, and a callback in another browser', async () => {
    const other = createClient(app.url)
    await other.signIn(partner.member.email, partner.member.password)
    const stolen = await other.get(
      `/v1/integrations/hubspot/callback?code=${granted.code}&state=${granted.state}`,
    )
    expect([stolen.status, stolen.headers.get('location')]).toEqual([
      302,
      '/settings/hubspot?error=invalid_state',
    ])
    const again = createClient(app.url)
    const anonymous = await again.get(
      `/v1/integrations/hubspot/callback?code=${granted.code}&state=${granted.state}`,
    )
    expect(anonymous.headers.get('location')).toMatch(
      /^\/(settings\/hubspot\?error=\w+|login\b.*)$/,
    )
    expect((await connection()).status).toBe('connected')
  })

  it('sends an edit to HubSpot once write-back is on', async () => {
    expect(
      (await admin.request('PATCH', `${base}/settings`, { json: { writeBack: true } })).json,
    ).toMatchObject({ writeBack: true })
    const lead = (
      await admin.post('/api/v1/leads', {
        email: 'new-lead@example.test',
        firstName: 'New',
        lastName: 'Lead',
      })
    ).json as { id: string }
    const written = await until(async () => {
      const now = (await admin.get(`/api/v1/leads/${lead.id}`)).json as {
        hubspotId: string | null
        sync: { state: string }
      }
      return now.sync.state === 'in_sync' ? now : null
    }, 'the new lead is in HubSpot')
    const [contact] = await control.portal().find('contacts', 'email', 'new-lead@example.test')
    expect(contact).toMatchObject({ id: written.hubspotId })
  })

  it('ends disconnected, and a reconnect continues where it stopped', async () => {
    const answer = await admin.request('DELETE', '/v1/integrations/hubspot/disconnect', {
      json: {},
    })
    expect(answer.json).toMatchObject({ status: 'disconnected', remaining: null })
    expect(codeOf(await admin.get(`${base}/token`))).toBe('hubspot_not_connected')
    expect(await total('/api/v1/leads')).toBe(contacts + 1)
    expect((await grantAccess(admin, app.env)).location).toBe('/settings/hubspot?success=true')
    await synced()
    expect(await total('/api/v1/leads')).toBe(contacts + 1)
  })
})
