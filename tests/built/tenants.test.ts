import { MongoClient, ObjectId, type Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectionsOf } from '../../server/database/collections'
import { policy } from '../../server/policy'
import { startApp, type RunningApp } from '../support/app'
import { aPartner, type TestPartner } from '../support/builders'
import { createClient, type Client } from '../support/client'
import { testDatabase, type TestDatabase } from '../support/mongo'
import { isStream, pathOf } from '../support/routes'

let app: RunningApp
let db: TestDatabase
let mongo: MongoClient
let ours: TestPartner
let theirs: TestPartner
let us: Client
let them: Client
let leadId = ''
let dealId = ''
let runId = ''
const canary = 'Canary-of-the-other-partner'

beforeAll(async () => {
  db = await testDatabase()
  app = await startApp({ mongodbUri: db.uri, database: db.database })
  mongo = new MongoClient(db.uri)
  ours = await aPartner({ mongodbUri: db.uri, database: db.database })
  theirs = await aPartner({ mongodbUri: db.uri, database: db.database }, canary)
  us = createClient(app.url)
  them = createClient(app.url)
  await us.signIn(ours.admin.email, ours.admin.password)
  await them.signIn(theirs.admin.email, theirs.admin.password)
  const lead = await them.post('/api/v1/leads', { email: 'canary@other.test', firstName: canary, company: canary })
  leadId = (lead.json as { id: string }).id
  const deal = await them.post('/api/v1/deals', { name: canary, leadIds: [leadId] })
  dealId = (deal.json as { id: string }).id
  const run = new ObjectId()
  runId = run.toHexString()
  const now = new Date()
  await collectionsOf(mongo.db(db.database)).syncRuns.insertOne({
    _id: run, schema_version: 1, partner_id: theirs.id, portal_id: '1', kind: 'initial', status: 'succeeded', trigger: 'manual', active: false, phase: null, checkpoint: null, watermark: now,
    counts: { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 }, total: null, error: null, identical: null, lease: null, again: null,
    queued_at: now, started_at: now, finished_at: now, version: 1, updated_at: now,
  })
})
afterAll(async () => {
  await app.stop()
  await mongo.close()
  await db.drop()
})

/** Everything that belongs to the other partner, byte for byte. */
async function theirData(): Promise<string> {
  const store = mongo.db(db.database)
  const names = (await store.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort()
  const all: Record<string, Document[]> = {}
  for (const name of names) all[name] = await store.collection(name).find({ $or: [{ partner_id: theirs.id }, { _id: theirs.id }] }).sort({ _id: 1 }).toArray()
  for (const session of all.sessions ?? []) delete session.last_seen_at
  return JSON.stringify(all)
}

const unknown = () => new ObjectId().toHexString()
const withoutId = (text: string) => text.replace(/"correlationId":"[^"]+"/, '')
const bodies: Record<string, unknown> = { '/api/v1/leads/:id': { firstName: 'taken over' }, '/api/v1/deals/:id': { name: 'taken over' } }

describe('another partner\'s record', () => {
  const routes = policy.filter(route => route.path.includes('/:id'))

  it('answers like one that does not exist, to everybody, on every route with an id', async () => {
    const before = await theirData()
    let tried = 0
    for (const person of ['admin', 'member'] as const) {
      const client = createClient(app.url)
      await client.signIn(ours[person].email, ours[person].password)
      for (const route of routes) {
        for (const id of [leadId, dealId, runId, theirs.id.toHexString(), theirs.admin.id.toHexString()]) {
          const options = route.method === 'GET' ? {} : { json: bodies[route.path] ?? {} }
          const answer = await client.request(route.method, pathOf(route, { ':id': id }), options)
          const nothing = await client.request(route.method, pathOf(route, { ':id': unknown() }), options)
          tried++
          expect(answer.status, `${route.method} ${route.path}`).toBe(404)
          expect(withoutId(answer.text)).toBe(withoutId(nothing.text))
        }
      }
    }
    expect(await theirData()).toBe(before)
    process.stdout.write(`Tenants: ${tried} ids of the other partner tried, all 404, nothing changed\n`)
    expect(routes.length).toBeGreaterThanOrEqual(5)
  })

  it('is found by its own partner', async () => {
    expect((await them.get(`/api/v1/leads/${leadId}`)).status).toBe(200)
    expect((await them.get(`/api/v1/deals/${dealId}`)).status).toBe(200)
    expect((await them.get(`/api/v1/integrations/hubspot/runs/${runId}`)).status).toBe(200)
  })

  it('shows in no list, search or explanation', async () => {
    const paths = ['/api/v1/leads', `/api/v1/leads?q=${canary}`, '/api/v1/leads?q=canary@other.test', '/api/v1/deals', `/api/v1/deals?leadId=${leadId}`, '/api/v1/integrations/hubspot/runs', '/api/v1/notices', '/api/v1/integrations/hubspot',
      `/api/v1/integrations/hubspot/explain?q=${leadId}`, `/api/v1/integrations/hubspot/explain?q=canary@other.test`, '/api/v1/integrations/hubspot/stage-mapping', '/api/v1/integrations/hubspot/field-mapping', '/api/v1/integrations/hubspot/doctor', '/api/v1/auth/me']
    for (const path of paths) {
      const { text } = await us.get(path)
      for (const secret of [canary, 'canary@other', leadId, dealId, runId, theirs.id.toHexString()]) {
        // What the caller wrote into the query itself may come back.
        if (!path.includes(secret)) expect(text, path).not.toContain(secret)
      }
    }
  })

  it('cannot be reached through a body or a cursor', async () => {
    const before = await theirData()
    const deal = await us.post('/api/v1/deals', { name: 'ours', leadIds: [leadId] })
    expect([404, 422]).toContain(deal.status)
    for (let index = 0; index < 2; index++) await them.post('/api/v1/leads', { email: `page-${index}@other.test` })
    const now = await theirData()
    const page = (await them.get('/api/v1/leads?limit=1')).json as { nextCursor: string }
    expect(page.nextCursor).toBeTruthy()
    const stolen = await us.get(`/api/v1/leads?limit=1&cursor=${page.nextCursor}`)
    expect(stolen.text).not.toContain('other.test')
    expect(await theirData()).toBe(now)
    expect(before).not.toBe(now)
  })

  it('takes no partner, owner or role from a body', async () => {
    for (const field of ['partnerId', 'partner_id', 'tenantId', 'role', 'status', 'portalId', 'portal_id', '_id', 'id', 'createdAt', 'hubspotId', 'sync', 'dirty', 'base', 'schema_version', 'userId', 'access_token', 'refresh_token', 'hubspot_integration', 'search']) {
      for (const [method, path, body] of [['POST', '/api/v1/leads', { email: `x-${field.toLowerCase()}@ours.test` }], ['POST', '/api/v1/deals', { name: 'x' }], ['PATCH', '/api/v1/integrations/hubspot/settings', {}], ['POST', '/api/v1/integrations/hubspot/connect', {}]] as const) {
        const answer = await us.request(method, path, { json: { ...body, [field]: theirs.id.toHexString() } })
        expect(answer.status, `${method} ${path} ${field}`).toBe(422)
      }
    }
  })

  it('is not shown by any answer of any route', async () => {
    for (const route of policy.filter(candidate => candidate.method === 'GET' && !isStream(candidate) && candidate.role !== 'probe')) {
      const answer = await us.get(pathOf(route))
      expect(answer.text, route.path).not.toContain(canary)
    }
  })
})
