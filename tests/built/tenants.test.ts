import { defineEventHandler, getRouterParam } from 'h3'
import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { collectionsOf } from '../../server/database/collections'
import { loadConfiguration } from '../../server/config/configuration'
import { policy } from '../../server/http/policy'
import { createServices } from '../../server/services'
import { allRoutes } from '../support/all-routes'
import { startApp, type RunningApp } from '../support/app'
import { aPartner, type TestPartner } from '../support/builders'
import { createClient, type Client } from '../support/client'
import type { Route } from '../support/id-slots'
import { testDatabase, type TestDatabase } from '../support/mongo'
import { mountRoutes } from '../support/mount-routes'
import { partnerData } from '../support/partner-data'
import { endsSession, isStream, pathOf } from '../support/routes'
import { createSessionCookies } from '../support/session-cookies'
import { tenantMatrix, type Actor, type MatrixOptions } from '../support/tenant-matrix'
import { present } from '../support/present'

// A thousand requests and more; on a busy machine they take their time.
vi.setConfig({ testTimeout: 600_000 })

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
  const lead = await them.post('/api/v1/leads', {
    email: 'canary@other.test',
    firstName: canary,
    company: canary,
  })
  leadId = (lead.json as { id: string }).id
  const deal = await them.post('/api/v1/deals', { name: canary, leadIds: [leadId] })
  dealId = (deal.json as { id: string }).id
  await them.post('/api/v1/leads', { email: 'second@other.test', firstName: canary })
  await them.post('/api/v1/deals', { name: `${canary} 2` })
  const now = new Date()
  const run = (_id: ObjectId) => ({
    _id,
    schema_version: 1 as const,
    partner_id: theirs.id,
    portal_id: '1',
    kind: 'initial' as const,
    status: 'succeeded' as const,
    trigger: 'manual' as const,
    active: false,
    phase: null,
    checkpoint: null,
    watermark: now,
    counts: { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0, writtenBack: 0 },
    total: null,
    error: null,
    identical: null,
    lease: null,
    again: null,
    queued_at: now,
    started_at: now,
    finished_at: now,
    version: 1,
    updated_at: now,
  })
  const runs = [run(new ObjectId()), run(new ObjectId())]
  runId = present(runs[0])._id.toHexString()
  await collectionsOf(mongo.db(db.database)).syncRuns.insertMany(runs)
})
afterAll(async () => {
  await app.stop()
  await mongo.close()
  await db.drop()
})

const theirData = () => partnerData(mongo.db(db.database), theirs.id)

/**
 * Everybody who may ask for what belongs to the other partner, each request with a session of its
 * own: some requests end the session.
 */
async function everybody(): Promise<{ actors: Actor[]; strangersOwn: Record<string, string> }> {
  const { sessions, users } = collectionsOf(mongo.db(db.database))
  const cookies = createSessionCookies({ sessions, jwtSecret: app.env.NUXT_AUTH_JWT_SECRET ?? '' })
  const owner = (partner: TestPartner, role: 'admin' | 'member') => ({
    id: partner[role].id,
    partnerId: partner.id,
  })
  // Of a third partner: they sign out everywhere on their way.
  const others = await aPartner({ mongodbUri: db.uri, database: db.database })
  const left = await aPartner({ mongodbUri: db.uri, database: db.database })
  await users.updateOne({ _id: left.admin.id }, { $set: { disabled: true, partner_id: theirs.id } })
  const cookieOf =
    (user: Parameters<typeof cookies.open>[0], state?: Parameters<typeof cookies.open>[1]) =>
    async () =>
      (await cookies.open(user, state)).cookie
  const stranger = createClient(app.url)
  stranger.useCookie((await cookies.open(owner(others, 'admin'))).cookie)
  const deal = (await stranger.post('/api/v1/deals', { name: 'Of the strangers' })).json as {
    id: string
  }
  const actors: Actor[] = [
    { name: 'nobody', is: 'nobody', role: 'member', cookie: async () => '' },
    {
      name: 'an expired token of its admin',
      is: 'nobody',
      role: 'admin',
      cookie: cookieOf(owner(theirs, 'admin'), { ageHours: 25 }),
    },
    {
      name: 'an idle session of its admin',
      is: 'nobody',
      role: 'admin',
      cookie: cookieOf(owner(theirs, 'admin'), { ageHours: 20, idleHours: 13 }),
    },
    {
      name: 'an ended session of its admin',
      is: 'nobody',
      role: 'admin',
      cookie: cookieOf(owner(theirs, 'admin'), { revoked: true }),
    },
    {
      name: 'a disabled admin of it',
      is: 'nobody',
      role: 'admin',
      cookie: cookieOf({ id: left.admin.id, partnerId: theirs.id }),
    },
    {
      name: 'a stranger whose token names it',
      is: 'nobody',
      role: 'admin',
      cookie: cookieOf(owner(others, 'admin'), { tokenPartnerId: theirs.id }),
    },
    {
      name: "another partner's member",
      is: 'stranger',
      role: 'member',
      cookie: cookieOf(owner(others, 'member')),
    },
    {
      name: "another partner's admin",
      is: 'stranger',
      role: 'admin',
      cookie: cookieOf(owner(others, 'admin')),
    },
    {
      name: 'a member of it',
      is: 'colleague',
      role: 'member',
      cookie: cookieOf(owner(theirs, 'member')),
    },
  ]
  return { actors, strangersOwn: { '/api/v1/deals/:id': deal.id } }
}

async function matrix(
  url: string,
  routes: Route[],
  actors: Actor[],
  strangersOwn: Record<string, string> = {},
) {
  const memberSession = await createSessionCookies({
    sessions: collectionsOf(mongo.db(db.database)).sessions,
    jwtSecret: app.env.NUXT_AUTH_JWT_SECRET ?? '',
  }).open({ id: theirs.member.id, partnerId: theirs.id })
  const options: MatrixOptions = {
    url,
    routes,
    actors,
    strangersOwn,
    canary,
    ids: {
      lead: leadId,
      deal: dealId,
      run: runId,
      session: memberSession.id,
      partner: theirs.id.toHexString(),
      user: theirs.admin.id.toHexString(),
    },
    rightFor: {
      '/api/v1/leads/:id': 'lead',
      '/api/v1/deals/:id': 'deal',
      '/api/v1/integrations/hubspot/runs/:id': 'run',
      '/api/v1/auth/sessions/:id': 'session',
    },
    cursors: {
      '/api/v1/leads': await theirCursor('/api/v1/leads'),
      '/api/v1/deals': await theirCursor('/api/v1/deals'),
      '/api/v1/integrations/hubspot/runs': await theirCursor('/api/v1/integrations/hubspot/runs'),
    },
  }
  return await tenantMatrix(options)
}
const theirCursor = async (path: string) =>
  ((await them.get(`${path}?limit=1`)).json as { nextCursor: string | null }).nextCursor ?? ''

describe("another partner's record", () => {
  it('answers everybody, on every route and wherever an id can stand, what the policy says', async () => {
    const routes = await allRoutes()
    const { actors, strangersOwn } = await everybody()
    const outsiders = actors.filter(actor => actor.is !== 'colleague')
    const before = await theirData()
    const outside = await matrix(app.url, routes, outsiders, strangersOwn)
    expect(outside.findings).toEqual([])
    expect(await theirData()).toBe(before)
    // Last, because it may change what it is allowed to.
    const inside = await matrix(
      app.url,
      routes.filter(route => !/\/(disconnect|records)$/.test(route.path) && !endsSession(route)),
      actors.filter(actor => actor.is === 'colleague'),
    )
    expect(inside.findings).toEqual([])
    process.stdout.write(
      `Tenants: ${routes.length} routes, ${outside.slots} places for an id, ${actors.length} kinds of people: ${outside.tried + inside.tried} requests as the policy says, nothing of the other partner changed\n`,
    )
    expect(outside.slots).toBeGreaterThanOrEqual(12)
    expect(outside.tried).toBeGreaterThan(600)
  })

  it("would be missed by the same matrix if a route forgot its guard, its partner or its cursor's scope", async () => {
    const services = createServices(loadConfiguration(app.env))
    const routes = await allRoutes()
    const broken: Record<string, Route['handler']> = {
      // Made without the wrapper: no session, no partner
      'GET /api/v1/leads/:id': defineEventHandler(
        async event =>
          await services.database.collections.leads.findOne({
            _id: new ObjectId(getRouterParam(event, 'id')),
          }),
      ),
      // Signed in, but whose records they are is not asked
      'GET /api/v1/deals': defineEventHandler(async event => {
        await services.accounts.sessions.require(event)
        return { items: await services.database.collections.deals.find().toArray() }
      }),
    }
    const swapped = routes
      .map(route => {
        const handler = broken[`${route.method} ${route.path}`]
        // What was taken from the contract stays known to the matrix.
        return handler ? { ...route, mounted: handler } : { ...route, mounted: route.handler }
      })
      .filter(route => route.mounted !== route.handler || route.path === '/api/v1/auth/me')
    const http = await mountRoutes(
      services,
      swapped.map(({ method, path, mounted }) => ({ method, path, handler: mounted })),
    )
    try {
      const { findings } = await matrix(
        http.url,
        swapped,
        (await everybody()).actors.filter(actor => actor.is !== 'colleague'),
      )
      for (const route of Object.keys(broken))
        expect(
          findings.some(finding => finding.startsWith(route)),
          route,
        ).toBe(true)
      expect(findings).toContainEqual(
        expect.stringMatching(/^GET \/api\/v1\/leads\/:id, lead in path id, nobody: answers 200/),
      )
      expect(findings).toContainEqual(
        expect.stringMatching(/^GET \/api\/v1\/deals, .*another partner's member: /),
      )
      expect(findings.filter(finding => finding.startsWith('GET /api/v1/auth/me'))).toEqual([])
    } finally {
      await http.close()
      await services.stop()
    }
  })

  it('is found by its own partner', async () => {
    expect((await them.get(`/api/v1/leads/${leadId}`)).status).toBe(200)
    expect((await them.get(`/api/v1/deals/${dealId}`)).status).toBe(200)
    expect((await them.get(`/api/v1/integrations/hubspot/runs/${runId}`)).status).toBe(200)
  })

  it('shows in no list, search or explanation', async () => {
    const paths = [
      '/api/v1/leads',
      `/api/v1/leads?q=${canary}`,
      '/api/v1/leads?q=canary@other.test',
      '/api/v1/deals',
      `/api/v1/deals?leadId=${leadId}`,
      '/api/v1/integrations/hubspot/runs',
      '/api/v1/notices',
      '/api/v1/integrations/hubspot',
      `/api/v1/integrations/hubspot/explain?q=${leadId}`,
      `/api/v1/integrations/hubspot/explain?q=canary@other.test`,
      '/api/v1/integrations/hubspot/stage-mapping',
      '/api/v1/integrations/hubspot/field-mapping',
      '/api/v1/integrations/hubspot/doctor',
      '/api/v1/auth/me',
    ]
    for (const path of paths) {
      const { text } = await us.get(path)
      for (const secret of [
        canary,
        'canary@other',
        leadId,
        dealId,
        runId,
        theirs.id.toHexString(),
      ]) {
        // What the caller wrote into the query itself may come back.
        if (!path.includes(secret)) expect(text, path).not.toContain(secret)
      }
    }
  })

  it('cannot be reached through a body or a cursor', async () => {
    const before = await theirData()
    const deal = await us.post('/api/v1/deals', { name: 'ours', leadIds: [leadId] })
    expect([404, 422]).toContain(deal.status)
    for (let index = 0; index < 2; index++)
      await them.post('/api/v1/leads', { email: `page-${index}@other.test` })
    const now = await theirData()
    const page = (await them.get('/api/v1/leads?limit=1')).json as { nextCursor: string }
    expect(page.nextCursor).toBeTruthy()
    const stolen = await us.get(`/api/v1/leads?limit=1&cursor=${page.nextCursor}`)
    expect(stolen.text).not.toContain('other.test')
    expect(await theirData()).toBe(now)
    expect(before).not.toBe(now)
  })

  it('takes no partner, owner or role from a body', async () => {
    for (const field of [
      'partnerId',
      'partner_id',
      'tenantId',
      'role',
      'status',
      'portalId',
      'portal_id',
      '_id',
      'id',
      'createdAt',
      'hubspotId',
      'sync',
      'dirty',
      'base',
      'schema_version',
      'userId',
      'access_token',
      'refresh_token',
      'hubspot_integration',
      'search',
    ]) {
      for (const [method, path, body] of [
        ['POST', '/api/v1/leads', { email: `x-${field.toLowerCase()}@ours.test` }],
        ['POST', '/api/v1/deals', { name: 'x' }],
        ['PATCH', '/api/v1/integrations/hubspot/settings', {}],
        ['POST', '/api/v1/integrations/hubspot/connect', {}],
      ] as const) {
        const answer = await us.request(method, path, {
          json: { ...body, [field]: theirs.id.toHexString() },
        })
        expect(answer.status, `${method} ${path} ${field}`).toBe(422)
      }
    }
  })

  it('is not shown by any answer of any route', async () => {
    for (const route of policy.filter(
      candidate => candidate.method === 'GET' && !isStream(candidate) && candidate.role !== 'probe',
    )) {
      const answer = await us.get(pathOf(route))
      expect(answer.text, route.path).not.toContain(canary)
    }
  })
})
