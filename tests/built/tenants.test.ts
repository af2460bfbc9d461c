import { defineEventHandler, getRouterParam } from 'h3'
import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfiguration } from '../../server/config/configuration'
import { policy } from '../../server/http/policy'
import { createServices } from '../../server/services'
import { allRoutes } from '../support/all-routes'
import type { Route } from '../support/id-slots'
import { mountRoutes } from '../support/mount-routes'
import { endsSession, isStream, pathOf } from '../support/routes'
import { otherPartnersMark as canary, startTwoPartners } from '../support/two-partners'

// A thousand requests and more; on a busy machine they take their time.
vi.setConfig({ testTimeout: 600_000 })

let world: Awaited<ReturnType<typeof startTwoPartners>>
beforeAll(async () => {
  world = await startTwoPartners()
})
afterAll(() => world.stop())

describe("another partner's record (P9)", () => {
  it('answers everybody, on every route and wherever an id can stand, what the policy says', async () => {
    const { app, theirData, everybody, matrix } = world
    const routes = await allRoutes()
    const { actors, strangersOwn } = await everybody()
    const outsiders = actors.filter(actor => actor.is !== 'colleague')
    const before = await theirData()
    const outside = await matrix(app.url, routes, outsiders, strangersOwn)
    expect(outside.findings).toEqual([])
    expect(await theirData()).toBe(before)
    // Last, because it may change what it is allowed to; what would take the records away from the
    // tests below is left out (records/undo.test.ts deletes records as their own partner).
    const deletesRecord = (route: Route) =>
      route.method === 'DELETE' && /\/(leads|deals)\/:id$/.test(route.path)
    const inside = await matrix(
      app.url,
      routes.filter(
        route =>
          !/\/(disconnect|records)$/.test(route.path) &&
          !endsSession(route) &&
          !deletesRecord(route),
      ),
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
    const { app, everybody, matrix } = world
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
    const { them, leadId, dealId, runId } = world
    expect((await them.get(`/api/v1/leads/${leadId}`)).status).toBe(200)
    expect((await them.get(`/api/v1/deals/${dealId}`)).status).toBe(200)
    expect((await them.get(`/api/v1/integrations/hubspot/runs/${runId}`)).status).toBe(200)
  })

  it('shows in no list, search or explanation', async () => {
    const { us, leadId, dealId, runId, theirs } = world
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
    const { us, them, leadId, theirData } = world
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
    const { us, theirs } = world
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
    const { us } = world
    for (const route of policy.filter(
      candidate => candidate.method === 'GET' && !isStream(candidate) && candidate.role !== 'probe',
    )) {
      const answer = await us.get(pathOf(route))
      expect(answer.text, route.path).not.toContain(canary)
    }
  })
})
