import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServiceKeyCreated, ServiceKeyList } from '#shared/contracts/service-keys'
import { serviceScopes } from '#shared/contracts/service-keys'
import { policy } from '../../../server/http/policy'
import { codeOf, type Client } from '../../support/client'
import { startPeopleApp, type PeopleApp } from '../../support/people'
import { pathOf } from '../../support/routes'

const path = '/api/v1/service-keys'
const hubspot = '/api/v1/integrations/hubspot'
let app: PeopleApp
beforeAll(async () => {
  app = await startPeopleApp()
})
afterAll(async () => {
  await app.stop()
})

async function newKey(client: Client, scopes: readonly string[], expiresAt?: string) {
  const answer = await client.post(path, { name: 'A script', scopes, expiresAt })
  expect(answer.status).toBe(201)
  return answer.json as ServiceKeyCreated
}
/** Every route that a key can open */
const opened = [
  'GET /api/v1/leads',
  'POST /api/v1/leads',
  'GET /api/v1/leads/export',
  'POST /api/v1/leads/bulk',
  'POST /api/v1/leads/import',
  'GET /api/v1/leads/:id',
  'PATCH /api/v1/leads/:id',
  'GET /api/v1/leads/:id/history',
  'GET /api/v1/deals',
  'POST /api/v1/deals',
  'GET /api/v1/deals/export',
  'POST /api/v1/deals/bulk',
  'GET /api/v1/deals/:id',
  'PATCH /api/v1/deals/:id',
  'GET /api/v1/deals/:id/history',
  'GET /api/v1/operations/:id',
  'GET /api/v1/operations/:id/results',
  ...['', '/api'].flatMap(prefix => [
    `GET ${prefix}/v1/integrations/hubspot/token`,
    `POST ${prefix}/v1/integrations/hubspot/sync`,
  ]),
]
/** As a program calls: no cookie, no Origin. */
const by = (key: string, method: string, where: string, json?: unknown, headers = {}) =>
  app.client().request(method, where, {
    json,
    headers: { authorization: `Bearer ${key}`, ...headers },
  })

describe('a service key', () => {
  test('is shown once, stored as a digest, listed by its beginning, and audited', async () => {
    const { client, partnerId } = await app.somebody('Listed keys')
    const { key, ...shown } = await newKey(client, ['leads:read'])
    expect(key).toMatch(/^pck_[\w-]{43}$/)
    expect(shown).toMatchObject({ name: 'A script', scopes: ['leads:read'], expiresAt: null })
    expect(key.startsWith(shown.prefix)).toBe(true)
    const list = (await client.get(path)).json as ServiceKeyList
    expect(list.items).toEqual([shown])
    const stored = await app.services.database.collections.serviceKeys.findOne({
      partner_id: partnerId,
    })
    expect(JSON.stringify(stored)).not.toContain(key)
    expect(stored?.key_hash).toBe(createHash('sha256').update(key).digest('base64url'))
    expect((await app.audited('service_key.created'))[0]).toMatchObject({ target: shown.id })
  })

  test('opens what its scopes name, without cookie and without Origin, and nothing else', async () => {
    const { client } = await app.somebody('Scoped')
    const { key: reads } = await newKey(client, ['leads:read'])
    const { key: writes } = await newKey(client, ['leads:write'])
    const { key: syncs } = await newKey(client, ['sync:start'])
    const { key: tokens } = await newKey(client, ['token:read'])

    expect((await by(reads, 'GET', '/api/v1/leads')).status).toBe(200)
    expect((await by(reads, 'GET', '/api/v1/deals')).status).toBe(200)
    expect(codeOf(await by(reads, 'POST', '/api/v1/leads', { firstName: 'A' }))).toBe('forbidden')
    const lead = await by(writes, 'POST', '/api/v1/leads', { firstName: 'A' })
    expect(lead.status).toBe(201)
    const { id } = lead.json as { id: string }
    expect((await by(writes, 'PATCH', `/api/v1/leads/${id}`, { firstName: 'B' })).status).toBe(200)
    expect(codeOf(await by(writes, 'GET', '/api/v1/leads'))).toBe('forbidden')
    // Allowed, and then told that there is nothing connected.
    expect(codeOf(await by(syncs, 'POST', `${hubspot}/sync`))).toBe('hubspot_not_connected')
    expect(codeOf(await by(syncs, 'GET', `${hubspot}/token`))).toBe('forbidden')
    expect(codeOf(await by(tokens, 'GET', `${hubspot}/token`))).toBe('hubspot_not_connected')
    expect(codeOf(await by(tokens, 'GET', '/v1/integrations/hubspot/token'))).toBe(
      'hubspot_not_connected',
    )
  })

  test('that may write also writes many at once, from a list or a file, and follows that', async () => {
    const [{ client }, stranger] = [await app.somebody('Many'), await app.somebody('Many others')]
    const { key: reads } = await newKey(client, ['leads:read'])
    const { key: writes } = await newKey(client, ['leads:write'])
    const { key: theirs } = await newKey(stranger.client, serviceScopes)
    const lead = (await by(writes, 'POST', '/api/v1/leads', { firstName: 'A' })).json
    const { id } = lead as { id: string }
    const csv = (key: string) =>
      app.client().request('POST', '/api/v1/leads/import', {
        body: 'firstName,email\nGrace,grace@example.test\n',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
      })
    const bulk = (key: string, object: string, ids: string[]) =>
      by(key, 'POST', `/api/v1/${object}/bulk`, {
        ids,
        patch: object === 'leads' ? { company: 'B' } : { name: 'B' },
      })
    for (const answer of [
      await csv(reads),
      await bulk(reads, 'leads', [id]),
      await bulk(reads, 'deals', [id]),
    ])
      expect(codeOf(answer)).toBe('forbidden')
    for (const answer of [
      await csv(writes),
      await bulk(writes, 'leads', [id]),
      await bulk(writes, 'deals', [id]),
    ]) {
      expect(answer.status, answer.text).toBe(202)
      const { operationId } = answer.json as { operationId: string }
      const path = `/api/v1/operations/${operationId}`
      expect((await by(writes, 'GET', path)).json).toMatchObject({ by: { email: 'key: A script' } })
      expect((await by(writes, 'GET', `${path}/results`)).status).toBe(200)
      expect(codeOf(await by(reads, 'GET', path))).toBe('forbidden')
      expect((await by(theirs, 'GET', path)).status).toBe(404)
    }
  })

  test('stays at its partner, and its writes carry its name', async () => {
    const [{ client }, stranger] = [await app.somebody('Own'), await app.somebody('Foreign')]
    const { key } = await newKey(client, serviceScopes)
    const theirs = (await stranger.client.post('/api/v1/leads', { firstName: 'Theirs' })).json as {
      id: string
    }
    expect((await by(key, 'GET', `/api/v1/leads/${theirs.id}`)).status).toBe(404)
    const own = (await by(key, 'POST', '/api/v1/leads', { firstName: 'Ours' })).json as {
      id: string
    }
    const history = (await client.get(`/api/v1/leads/${own.id}/history`)).text
    expect(history).toContain('key: A script')
  })

  test('of any scope opens no other route', async () => {
    const { client } = await app.somebody('Everything else')
    const { key } = await newKey(client, serviceScopes)
    const closed = policy.filter(
      route =>
        (route.role === 'member' || route.role === 'admin') &&
        !opened.includes(`${route.method} ${route.path}`),
    )
    expect(closed.length).toBeGreaterThan(40)
    for (const route of closed) {
      const answer = await by(
        key,
        route.method,
        pathOf(route),
        route.method === 'GET' ? undefined : {},
      )
      expect(`${answer.status} ${codeOf(answer)}`, `${route.method} ${route.path}`).toBe(
        '403 forbidden',
      )
    }
  })

  test('counts beside no cookie, and a foreign Origin does not matter to it', async () => {
    const { client } = await app.somebody('Beside')
    const { key } = await newKey(client, ['leads:write'])
    const headers = { origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site' }
    expect((await by(key, 'POST', '/api/v1/leads', { firstName: 'C' }, headers)).status).toBe(201)
    // The cookie would be allowed to read; the key is not.
    const answer = await client.get('/api/v1/leads', {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(codeOf(answer)).toBe('forbidden')
    const unknown = await client.get('/api/v1/leads', {
      headers: { authorization: `Bearer pck_${'A'.repeat(43)}` },
    })
    expect(codeOf(unknown)).toBe('not_signed_in')
    // What is no key of ours leaves the cookie's way as it is.
    const other = await client.get('/api/v1/leads', { headers: { authorization: 'Bearer abc' } })
    expect(other.status).toBe(200)
  })

  test('that is revoked, over, cut or made up answers 401', async () => {
    const { client } = await app.somebody('Refused keys')
    const { key, id } = await newKey(client, ['leads:read'])
    const soon = await newKey(
      client,
      ['leads:read'],
      new Date(Date.now() + 60 * 60 * 1000).toISOString(),
    )
    expect((await by(soon.key, 'GET', '/api/v1/leads')).status).toBe(200)
    try {
      app.time.offsetMs = 60 * 60 * 1000 + 1000
      expect(codeOf(await by(soon.key, 'GET', '/api/v1/leads'))).toBe('not_signed_in')
    } finally {
      app.time.offsetMs = 0
    }
    expect((await client.request('DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await client.request('DELETE', `${path}/${id}`)).status).toBe(404)
    for (const bad of [key, key.slice(0, -1), `pck_${'x'.repeat(43)}`, 'pck_', `${key}.x`]) {
      const answer = await by(bad, 'GET', '/api/v1/leads')
      expect(`${answer.status} ${codeOf(answer)}`).toBe('401 not_signed_in')
    }
  })

  test('says to the minute when it was used', async () => {
    const { client } = await app.somebody('Used')
    const { key } = await newKey(client, ['leads:read'])
    const listed = async () => ((await client.get(path)).json as ServiceKeyList).items[0]
    expect((await listed())?.lastUsedAt).toBeNull()
    await by(key, 'GET', '/api/v1/leads')
    expect((await listed())?.lastUsedAt).not.toBeNull()
  })

  test('is made and revoked by admins of its partner only, with good names, scopes and times', async () => {
    const { client } = await app.somebody('Makers')
    const member = await app.somebody('Makers', 'member')
    const stranger = await app.somebody('Others')
    const { id } = await newKey(client, ['leads:read'])
    expect((await member.client.get(path)).status).toBe(403)
    expect((await stranger.client.request('DELETE', `${path}/${id}`)).status).toBe(404)
    for (const body of [
      { name: '', scopes: ['leads:read'] },
      { name: 'a', scopes: [] },
      { name: 'a', scopes: ['everything'] },
      { name: 'a', scopes: ['leads:read'], expiresAt: '2020-01-01T00:00:00.000Z' },
      { name: 'a', scopes: ['leads:read'], expiresAt: 'tomorrow' },
    ])
      expect((await client.post(path, body)).status).toBe(422)
  })

  test('is in no log', async () => {
    const { client } = await app.somebody('Logged')
    const { key } = await newKey(client, ['leads:read'])
    await by(key, 'GET', '/api/v1/leads')
    expect(app.logged.join('')).not.toContain(key)
  })
})
