import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { apiOf, connect } from './connect'
import { present } from '../../support/present'

let simulator: Simulator
let api: ReturnType<typeof apiOf>
const path = '/crm/objects/2026-09/contacts/search'

beforeAll(async () => {
  simulator = await startSimulator({
    contacts: 13_000,
    deals: 300,
    settings: { rateLimits: false },
  })
  api = apiOf(simulator, (await connect(simulator)).access_token)
})
beforeEach(() => simulator.control.set({ searchLagMs: 0 }))
afterAll(() => simulator.stop())

const filter = (propertyName: string, operator: string, value?: string) => ({
  propertyName,
  operator,
  ...(value === undefined ? {} : { value }),
})
const search = (body: Record<string, unknown>, at = path) => api('POST', at, body)
const where = (...filters: object[]) => ({ filterGroups: [{ filters }] })

describe('what HubSpot does not take', () => {
  const one = filter('email', 'HAS_PROPERTY')
  test.each([
    ['six groups', { filterGroups: Array.from({ length: 6 }, () => ({ filters: [one] })) }],
    ['seven filters in a group', where(...Array.from({ length: 7 }, () => one))],
    [
      'more than 18 filters',
      {
        filterGroups: Array.from({ length: 4 }, () => ({
          filters: Array.from({ length: 5 }, () => one),
        })),
      },
    ],
    ['two sorts', { sorts: ['email', 'firstname'] }],
    ['pages over 200', { limit: 201 }],
    ['a cursor that is no integer', { after: 'abc' }],
    ['a page past 10,000', { limit: 200, after: '9801' }],
    ['a long body', where(filter('email', 'EQ', 'x'.repeat(3_000)))],
    ['an unknown property', where(filter('nonsense', 'EQ', 'x'))],
    ['an unknown operator', where(filter('email', 'LIKE', 'x'))],
    ['a time that is none', where(filter('lastmodifieddate', 'GTE', 'yesterday'))],
    ['a comparison without a value', where(filter('email', 'EQ'))],
  ])('%s', async (_what, body) => {
    expect(await search(body)).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    })
  })
})

describe('operators', () => {
  const emailOf = async () =>
    (
      await search({
        ...where(filter('email', 'HAS_PROPERTY')),
        limit: 1,
        properties: ['email', 'firstname'],
      })
    ).body.results[0]

  test('find by value, list, word, presence', async () => {
    const someone = await emailOf()
    const email = present(someone?.properties.email)
    for (const found of [
      where(filter('email', 'EQ', email.toUpperCase())),
      where({ propertyName: 'email', operator: 'IN', values: [email] }),
      where(filter('hs_object_id', 'EQ', someone?.id)),
      where({
        propertyName: 'hs_object_id',
        operator: 'BETWEEN',
        value: someone?.id,
        highValue: someone?.id,
      }),
    ])
      expect((await search(found)).body.results.map(({ id }) => id)).toEqual([someone?.id])
    expect(
      (
        await search(
          where({ propertyName: 'email', operator: 'IN', values: [email.toUpperCase()] }),
        )
      ).body.total,
    ).toBe(0)
    const all = (await search({})).body.total
    const having = (await search(where(filter('email', 'HAS_PROPERTY')))).body.total
    const lacking = (await search(where(filter('email', 'NOT_HAS_PROPERTY')))).body.total
    expect([all, having + lacking]).toEqual([13_000, 13_000])
    expect(
      (await search(where(filter('company', 'CONTAINS_TOKEN', 'harb*')))).body.total,
    ).toBeGreaterThan(0)
    const leads = (await search(where(filter('lifecyclestage', 'EQ', 'lead')))).body.total
    expect((await search(where(filter('lifecyclestage', 'NEQ', 'lead')))).body.total).toBe(
      13_000 - leads,
    )
    expect((await search({ query: 'harbor textiles' })).body.results.length).toBeGreaterThan(0)
  })

  test('deals are found by their contact', async () => {
    const deals = (await api('GET', '/crm/objects/2026-09/deals?limit=50&associations=contacts'))
      .body.results
    const contact = deals.find(({ associations }) => associations)?.associations?.contacts
      ?.results[0]?.id
    const wanted = deals
      .filter(({ associations }) =>
        associations?.contacts?.results.some(({ id }) => id === contact),
      )
      .map(({ id }) => id)
    const found = await search(
      where(filter('associations.contact', 'EQ', contact)),
      '/crm/objects/2026-09/deals/search',
    )
    expect(found.body.results.map(({ id }) => id)).toEqual(wanted)
  })

  test('groups are alternatives', async () => {
    const count = async (...groups: object[][]) =>
      (await search({ filterGroups: groups.map(filters => ({ filters })) })).body.total
    const lead = filter('lifecyclestage', 'EQ', 'lead')
    const gold = filter('partner_tier', 'EQ', 'gold')
    expect(await count([lead], [gold])).toBe(
      (await count([lead])) + (await count([gold])) - (await count([lead, gold])),
    )
  })

  test('paging gives each record once, in the order asked for', async () => {
    for (const direction of ['ASCENDING', 'DESCENDING']) {
      const seen: number[] = []
      for (let after: string | undefined = '0'; after !== undefined && seen.length < 2_000;) {
        const page: Awaited<ReturnType<typeof search>> = await search({
          sorts: [{ propertyName: 'lastmodifieddate', direction }],
          limit: 200,
          after,
        })
        seen.push(...page.body.results.map(({ updatedAt }) => Date.parse(updatedAt)))
        after = page.body.paging?.next.after
      }
      expect(seen).toEqual(seen.toSorted((a, b) => (direction === 'ASCENDING' ? a - b : b - a)))
      expect(new Set(seen).size).toBe(2_000)
    }
  })
})

describe('changes', () => {
  const since = (at: number) => ({
    ...where(filter('lastmodifieddate', 'GTE', String(at))),
    sorts: [{ propertyName: 'lastmodifieddate', direction: 'ASCENDING' }],
    limit: 200,
  })

  test('12,000 edits on one millisecond can be told apart by id alone', async () => {
    const { edited, at } = await simulator.control
      .portal()
      .bulkEdit('contacts', { count: 12_000, properties: { city: 'City $n' } })
    expect(edited).toBe(12_000)
    expect((await search(since(at))).body.total).toBe(12_000)
    expect((await search({ ...since(at), after: '9900' })).status).toBe(400)
    const ids = new Set<string>()
    for (let last = '0', more = true; more;) {
      const page = await search({
        ...where(filter('lastmodifieddate', 'EQ', String(at)), filter('hs_object_id', 'GT', last)),
        sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
        limit: 200,
        properties: ['city'],
      })
      for (const { id } of page.body.results) ids.add(id)
      more = page.body.results.length === 200
      last = page.body.results.at(-1)?.id ?? last
    }
    expect(ids.size).toBe(12_000)
  })

  test('are seen once the index has caught up, archived records never', async () => {
    const portal = simulator.control.portal()
    await simulator.control.set({ searchLagMs: 60_000 })
    const at = Date.now()
    const { id } = await portal.create('contacts', {
      email: 'lagging@example.com',
      firstname: 'Old',
    })
    const byEmail = where(filter('email', 'EQ', 'lagging@example.com'))
    expect((await search(byEmail)).body.total).toBe(0)
    expect((await api('GET', `/crm/objects/2026-09/contacts/${id}`)).status).toBe(200)
    await simulator.control.set({ searchLagMs: 0 })
    expect((await search(byEmail)).body.total).toBe(1)

    const other = await portal.create('contacts', { email: 'prompt@example.com', firstname: 'Old' })
    expect((await search(where(filter('email', 'EQ', 'prompt@example.com')))).body.total).toBe(1)
    await simulator.control.set({ searchLagMs: 60_000 })
    await portal.edit('contacts', other.id, { firstname: 'New' })
    const stale = await search({
      ...where(filter('email', 'EQ', 'prompt@example.com')),
      properties: ['firstname'],
    })
    expect(stale.body.results[0]?.properties.firstname).toBe('Old')
    await simulator.control.set({ searchLagMs: 0 })

    const third = await portal.create('contacts', { email: 'archived@example.com' })
    await portal.archive('contacts', third.id)
    expect((await search(where(filter('email', 'EQ', 'archived@example.com')))).body.total).toBe(0)
    expect((await search(since(at))).body.results.map(record => record.id)).not.toContain(third.id)
  })
})

test('a million contacts are listed and searched without being held', async () => {
  const large = await startSimulator({
    contacts: 1_000_000,
    deals: 300_000,
    settings: { rateLimits: false },
  })
  try {
    const call = apiOf(large, (await connect(large)).access_token)
    const all = await call('POST', path, { limit: 1, sorts: ['-hs_object_id'] })
    expect(all.body.total).toBe(1_000_000)
    const last = all.body.results[0]
    expect(
      (await call('GET', `/crm/objects/2026-09/contacts?limit=100&after=${last?.id}`)).body.results,
    ).toHaveLength(1)
    const at = Date.parse(present(last?.updatedAt))
    const window = await call(
      'POST',
      path,
      where({
        propertyName: 'lastmodifieddate',
        operator: 'BETWEEN',
        value: String(at - 3_600_000),
        highValue: String(at),
      }),
    )
    expect(window.body.total).toBeGreaterThan(20)
    expect(window.body.total).toBeLessThan(200)
  } finally {
    await large.stop()
  }
})
