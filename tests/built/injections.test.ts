import { defineEventHandler, readRawBody } from 'h3'
import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfiguration } from '../../server/config/configuration'
import { collectionsOf } from '../../server/database/collections'
import { createServices } from '../../server/services'
import { allRoutes } from '../support/all-routes'
import type { RunningApp } from '../support/app'
import type { TestPartner } from '../support/builders'
import { logLevel } from '../support/canary'
import { createClient } from '../support/client'
import { contractOf, type Route } from '../support/id-slots'
import { payloads, serverFields } from '../support/injection-payloads'
import { injectEverywhere } from '../support/injections'
import { mountRoutes } from '../support/mount-routes'
import { partnerData } from '../support/partner-data'
import { shortOrWhole } from '../support/proofs'
import { isStream } from '../support/routes'
import { createSessionCookies } from '../support/session-cookies'
import { present } from '../support/present'
import { startStack, type Stack } from '../support/stack'

// Thousands of requests; on a busy machine they take their time.
vi.setConfig({ testTimeout: 600_000 })

let app: RunningApp
let stack: Stack
let mongo: MongoClient
let ours: TestPartner
let theirs: TestPartner
const own: Record<string, string> = {}

beforeAll(async () => {
  stack = await startStack({
    env: { NUXT_LOG_LEVEL: logLevel('error') },
  })
  app = stack.app
  mongo = new MongoClient(stack.database.uri)
  ours = await stack.aPartner()
  theirs = await stack.aPartner()
  for (const [partner, keep] of [
    [theirs, false],
    [ours, true],
  ] as const) {
    const client = createClient(app.url)
    await client.signIn(partner.admin.email, partner.admin.password)
    const lead = (await client.post('/api/v1/leads', { firstName: 'There' })).json as { id: string }
    const deal = (await client.post('/api/v1/deals', { name: 'There', leadIds: [lead.id] }))
      .json as { id: string }
    if (keep) Object.assign(own, { '/api/v1/leads/:id': lead.id, '/api/v1/deals/:id': deal.id })
  }
})
afterAll(async () => {
  await mongo.close()
  await stack.stop()
})

async function inject(url: string, routes: Route[], step = 1) {
  const cookies = createSessionCookies({
    sessions: collectionsOf(mongo.db(stack.database.database)).sessions,
    jwtSecret: app.env.NUXT_AUTH_JWT_SECRET,
  })
  return await injectEverywhere({
    url,
    routes,
    foreignId: theirs.id.toHexString(),
    cookie: (await cookies.open({ id: ours.admin.id, partnerId: ours.id })).cookie,
    step,
    idFor(route): Record<string, string> {
      const id = own[route.path]
      return id ? { ':id': id } : {}
    },
  })
}

describe('what is injected into any field', () => {
  it('is refused or stays what it is, and never makes a 5xx', async () => {
    const before = await partnerData(mongo.db(stack.database.database), theirs.id)
    const routes = (await allRoutes()).filter(route => !isStream(route))
    const { tried, fields, findings } = await inject(app.url, routes, 8)
    expect(findings).toEqual([])
    expect(await partnerData(mongo.db(stack.database.database), theirs.id)).toBe(before)
    // Nothing reached into the prototypes of the server: its answers have no more than their own
    // keys, and the roles are what they were.
    const client = createClient(app.url)
    client.useCookie(
      (
        await createSessionCookies({
          sessions: collectionsOf(mongo.db(stack.database.database)).sessions,
          jwtSecret: app.env.NUXT_AUTH_JWT_SECRET,
        }).open({ id: ours.member.id, partnerId: ours.id })
      ).cookie,
    )
    expect((await client.get('/api/v1/auth/me')).json).toEqual({
      user: { id: ours.member.id.toHexString(), email: ours.member.email, role: 'member' },
      partner: { id: ours.id.toHexString(), name: ours.name },
    })
    expect(app.output()).not.toContain('"code":"internal_error"')
    process.stdout.write(
      `Injections: ${fields} fields of ${routes.length} routes, ${payloads.length} payloads and ${serverFields.length} fields of the server's own: ${tried} requests, none took effect, no 5xx\n`,
    )
    expect(fields).toBeGreaterThanOrEqual(40)
    expect(tried).toBeGreaterThan(shortOrWhole(2000, 16_000))
  })

  it('would be reported by the same check if a route took its body as it comes', async () => {
    const services = createServices(loadConfiguration(app.env))
    const route = present(
      (await allRoutes()).find(({ method, path }) => method === 'POST' && path === '/api/v1/leads'),
    )
    const careless = defineEventHandler(async event => {
      const body = JSON.parse((await readRawBody(event)) ?? '{}') as Record<string, unknown>
      if (body.lastName === '\u0000') throw new TypeError('a store that trips over NUL')
      await services.database.db
        .collection('careless')
        .insertOne({ _id: new ObjectId(), email: body.email })
      return { ...body, firstName: body.firstName === 'a.b' ? 'b' : body.firstName }
    })
    const http = await mountRoutes(services, [
      { method: 'POST', path: route.path, handler: careless },
    ])
    try {
      expect(contractOf(route.handler).body).toBeDefined()
      const { findings } = await inject(http.url, [route])
      for (const expected of [
        '{"$ne":null} in email: is taken',
        '"\\u0000" in lastName: answers 500',
        '"a.b" in firstName: became "b"',
        'the key "role" in the body: answers 200',
        'the key "$set" in the body: answers 200',
      ]) {
        expect(
          findings.some(finding => finding.endsWith(expected)),
          expected,
        ).toBe(true)
      }
    } finally {
      await http.close()
      await services.stop()
    }
  })
})
