import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoutePolicy } from '../../server/http/policy'
import { allRoutes } from '../support/all-routes'
import { createClient, type Client } from '../support/client'
import { mountRoutes } from '../support/mount-routes'
import { shortOrWhole } from '../support/proofs'
import { isStream, pathOf } from '../support/routes'
import { startSyncBench, type SyncBench } from '../support/sync'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let admin: Client
let routes: RoutePolicy[]
let ids: Record<string, string>

/**
 * Reading HubSpot's schema fills the cache and takes from the request budget, and costly reads and
 * open streams are counted: none of that is anybody's data.
 */
const caches = ['hubspot_schema_cache', 'hubspot_pace', 'request_limits', 'open_streams']
/** Reads that are to be accounted for, and callbacks that are refused */
const audited = /\/(token|export|callback)$/

beforeAll(async () => {
  bench = await startSyncBench({
    simulator: { contacts: 12, deals: 4 },
    writeBack: false,
    env: { NUXT_HUBSPOT_TOKEN_ROUTE: 'true' },
  })
  const all = await allRoutes()
  http = await mountRoutes(bench.services, [
    ...all,
    ...all
      .filter(route => route.method === 'GET')
      .map(route => ({ ...route, method: 'HEAD' as const })),
  ])
  routes = all.filter(route => route.method === 'GET')
  await bench.run('reconcile')
  admin = createClient(http.url)
  await admin.signIn('northwind@example.test', 'a long enough password')
  const [lead, deal, run] = await Promise.all([
    bench.collections.leads.findOne({}),
    bench.collections.deals.findOne({}),
    bench.collections.syncRuns.findOne({}),
  ])
  const bulk = await admin.post('/api/v1/leads/bulk', {
    ids: [String(lead?._id)],
    patch: { company: 'Changed for many' },
  })
  ids = {
    '/leads/': String(lead?._id),
    '/deals/': String(deal?._id),
    '/runs/': String(run?._id),
    '/operations/': (bulk.json as { operationId: string }).operationId,
  }
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

async function database(): Promise<Record<string, Document[]>> {
  const { db } = bench.services.database
  const names = (await db.listCollections({}, { nameOnly: true }).toArray())
    .map(({ name }) => name)
    .filter(name => !caches.includes(name))
    .sort()
  const all: Record<string, Document[]> = {}
  for (const name of names) {
    const documents = await db.collection(name).find().sort({ _id: 1 }).toArray()
    if (name === 'sessions') for (const session of documents) delete session.last_seen_at
    if (documents.length > 0) all[name] = documents
  }
  return all
}

const queries: Record<string, string> = {
  '/explain': '?q=1',
  '/samples/:object': '?properties=email',
  '/callback': '?code=a-code&state=a-state',
}
function addressOf(route: RoutePolicy): string {
  const id = Object.entries(ids).find(([part]) => route.path.includes(`${part}:id`))?.[1]
  const query = Object.entries(queries).find(([end]) => route.path.endsWith(end))?.[1] ?? ''
  return `${pathOf(route, id ? { ':id': id } : {})}${query}`
}

/** Reads to the first piece of a stream, to the end of everything else. */
async function read(
  method: string,
  route: RoutePolicy,
  headers: Record<string, string>,
): Promise<number> {
  if (!isStream(route)) return (await admin.request(method, addressOf(route), { headers })).status
  const abort = new AbortController()
  const answer = await fetch(`${http.url}${addressOf(route)}`, {
    method,
    headers: { ...headers, cookie: admin.cookie },
    signal: abort.signal,
  })
  if (method === 'GET') await answer.body?.getReader().read()
  abort.abort()
  return answer.status
}

const asBrowser = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
}

describe('reading', () => {
  // The router knows nothing of HEAD by itself: the handlers of GET are mounted for it as well.
  it.each([
    ['GET', 'a script', {}],
    ['GET', 'a page', asBrowser],
    ['GET', 'another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['HEAD', 'a script', {}],
    ['HEAD', 'a page', asBrowser],
  ] as [string, string, Record<string, string>][])(
    'by %s changes nothing, sent by %s',
    async (method, _who, headers) => {
      expect(routes.length).toBeGreaterThan(20)
      const statuses: Record<string, number> = {}
      let before = await database()
      const quiet = routes.filter(({ path }) => !audited.test(path) && path !== '/readyz')
      // Each look at the whole database takes as long as twenty reads.
      for (const some of shortOrWhole(
        [quiet],
        quiet.map(route => [route]),
      )) {
        for (const route of some) statuses[route.path] = await read(method, route, headers)
        const after = await database()
        expect(after, `${method} ${some.map(({ path }) => path).join()}`).toEqual(before)
        before = after
      }
      for (const route of routes.filter(one => !quiet.includes(one))) {
        statuses[route.path] = await read(method, route, headers)
        const after = await database()
        const now = { ...after }
        if (audited.test(route.path)) {
          // At most two lines more, of the read and of its refusal; the lines before stay.
          expect(
            after.audit_log?.slice(0, before.audit_log?.length ?? 0) ?? [],
            route.path,
          ).toEqual(before.audit_log ?? [])
          expect(
            (after.audit_log?.length ?? 0) - (before.audit_log?.length ?? 0),
            route.path,
          ).toBeLessThanOrEqual(2)
          delete before.audit_log
          delete after.audit_log
        }
        // Whether the database can be written is found out by a write of its own.
        if (route.path === '/readyz') {
          delete before.meta
          delete after.meta
        }
        expect(after, `${method} ${route.path}`).toEqual(before)
        before = now
      }
      // It was worth looking at: what is there was read.
      if (method === 'GET' && Object.keys(headers).length === 0) {
        const failed = Object.entries(statuses).filter(
          ([path, status]) => status !== 200 && !path.endsWith('/callback'),
        )
        expect(failed.filter(([path]) => !/^\/(healthz|readyz|metrics)$/.test(path))).toEqual([])
      }
    },
  )
})
