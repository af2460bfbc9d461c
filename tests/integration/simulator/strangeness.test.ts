import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { mainPortalId } from '../../../simulator/control-client'
import type { Simulator } from '../../../simulator/index'
import { defaultSettings } from '../../../simulator/settings'
import { realLatency, strangeness, strangenessOf } from '../../../simulator/strangeness'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'

/** Each strangeness of HubSpot does what its name says (docs/hubspot-platform.md#strangeness). */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
const objects = '/crm/objects/2026-09'

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 30, deals: 10, webhookUrl: null })
  const { app } = await simulator.control.state()
  const scopes = [...app.requiredScopes, 'crm.schemas.contacts.write']
  const { accessToken } = await simulator.control.tokens(mainPortalId, scopes)
  api = apiOf(simulator, accessToken)
})
afterAll(() => simulator.stop())
beforeEach(async () => {
  await simulator.control.set({ ...defaultSettings, strictBodies: true })
  await simulator.control.resetLimits()
})
const portal = () => simulator.control.portal(mainPortalId)

test('the environment switches one on by its name, and knows no other', () => {
  expect(strangenessOf('opaque_cursors')).toEqual({ opaqueCursors: true })
  expect(strangenessOf(undefined)).toEqual({})
  expect(() => strangenessOf('kind')).toThrow('kind')
  for (const settings of Object.values(strangeness))
    for (const name of Object.keys(settings)) expect(defaultSettings).toHaveProperty(name)
})

test('answers of the profile real take 200 to 800 ms, three in a hundred longer', () => {
  const times = Array.from({ length: 1_000 }, (_, index) => realLatency(index / 1_000))
  expect(Math.min(...times)).toBe(200)
  expect(times.filter(ms => ms >= 800)).toHaveLength(30)
  expect(Math.max(...times)).toBeLessThan(3_000)
})

test('opaque cursors lead through all pages and are no ids', async () => {
  await simulator.control.set(strangeness.opaque_cursors)
  const ids: string[] = []
  for (let after: string | undefined = ''; after !== undefined;) {
    const { body } = await api('GET', `${objects}/contacts?limit=7&after=${after}`)
    ids.push(...body.results.map(({ id }) => id))
    after = body.paging?.next.after
    expect(after ?? 'none').not.toMatch(/^\d+$/)
  }
  expect(new Set(ids).size).toBe(30)
  expect((await api('GET', `${objects}/contacts?after=${present(ids[3])}`)).status).toBe(400)
})

const categories = [
  'VALIDATION_ERROR',
  'RATE_LIMITS',
  'CONFLICT',
  'OBJECT_NOT_FOUND',
  'INTERNAL_ERROR',
] as const

test.each(
  categories.flatMap(category => [
    [category, 'text', `crm.objects.${category}`] as const,
    [category, 'object', { name: `crm.objects.${category}`, group: 'crm' }] as const,
  ]),
)('every batch route refuses inputs one by one: %s, subCategory as %s', async (...given) => {
  const [category, subCategory, shown] = given
  const [contact] = await portal().list('contacts', 1)
  const [deal] = await portal().list('deals', 1)
  const one = { id: present(contact).id }
  const pair = { from: { id: present(deal).id }, to: one }
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }]
  const values = { ...one, properties: { city: 'Wien' }, objectWriteTraceId: 'a' }
  const byEmail = { ...values, id: 'U1', idProperty: 'partner_reference' }
  const created = { properties: { city: 'Wien' }, objectWriteTraceId: 'a' }
  const name = 'refused_property'
  const definition = { name, label: name, type: 'string', fieldType: 'text' }
  const group = { groupName: 'contactinformation' }
  const ties = '/crm/associations/2026-09/deals/contacts/batch'
  const named = '/crm/v3/associations/deals/contacts/batch'
  const properties = '/crm/properties/2026-09/contacts/batch'
  const routes: [path: string, input: object, status?: number, more?: object][] = [
    [`${objects}/contacts/batch/read`, one, 200, { properties: [] }],
    [`${objects}/contacts/batch/create`, created, 201],
    [`${objects}/contacts/batch/update`, values],
    [`${objects}/contacts/batch/upsert`, byEmail],
    ['/crm/objects/2026-03/contacts/batch/update', values, 207],
    [`${ties}/read`, { id: pair.from.id }],
    [`${ties}/create`, { ...pair, types }],
    [`${ties}/associate/default`, pair],
    [`${ties}/archive`, { from: pair.from, to: [one] }],
    [`${ties}/labels/archive`, { ...pair, types }],
    [`${named}/read`, { id: pair.from.id }, 207],
    [`${named}/create`, { ...pair, type: 'deal_to_contact' }, 207],
    [`${named}/archive`, { ...pair, type: 'deal_to_contact' }, 207],
    [`${properties}/read`, { name: 'email' }, 200, { archived: false }],
    [`${properties}/create`, { ...definition, ...group }],
  ]
  const before = await portal().get('contacts', one.id)
  await simulator.control.set({ batchRefusals: { percent: 100, category, subCategory } })
  for (const [path, input, wanted = 200, more = {}] of routes) {
    const { status, body } = await api('POST', path, { inputs: [input], ...more })
    expect([path, status]).toEqual([path, wanted])
    expect([path, body.results]).toEqual([path, []])
    expect([path, body.errors]).toMatchObject([path, [{ category, subCategory: shown }]])
  }
  expect(await portal().get('contacts', one.id)).toEqual(before)
})

test('a batch may say another status than COMPLETE', async () => {
  await simulator.control.set(strangeness.batch_status)
  const { body } = await api('POST', `${objects}/contacts/batch/read`, { inputs: [{ id: '1' }] })
  expect(body.status).toBe('PROCESSING')
})

test('associations come in pages, in lists and in batches', async () => {
  const [one, two] = await portal().list('contacts', 2)
  const deal = await portal().create(
    'deals',
    { dealname: 'Two' },
    { associations: [present(one).id, present(two).id] },
  )
  await simulator.control.set(strangeness.association_pages)
  const single = await api('GET', `${objects}/deals/${deal.id}?associations=contacts`)
  expect(single.body.associations?.contacts?.results).toHaveLength(1)
  expect(single.body.associations?.contacts).toHaveProperty('paging.next.after')
  const read = (after?: string) =>
    api('POST', '/crm/associations/2026-09/deals/contacts/batch/read', {
      inputs: [{ id: deal.id, ...(after === undefined ? {} : { after }) }],
    })
  const [first] = (await read()).body.results as unknown as {
    to: { toObjectId: number }[]
    paging: { next: { after: string } }
  }[]
  const [second] = (await read(first?.paging.next.after)).body.results
  expect([...present(first).to, ...present(second).to].map(({ toObjectId }) => toObjectId)).toEqual(
    deal.associations.map(Number),
  )
  expect(second).not.toHaveProperty('paging')
})

test('a deal that moves to a closed stage gets its close date', async () => {
  await simulator.control.set(strangeness.close_date)
  const stage = (dealstage: string, more = {}) => ({ properties: { dealstage, ...more } })
  const { id } = await portal().create('deals', { dealname: 'Open', closedate: null })
  const path = `${objects}/deals/${id}`
  await api('PATCH', path, stage('contractsent'))
  expect((await portal().get('deals', id)).properties.closedate).toBeUndefined()
  await api('PATCH', path, stage('closedwon'))
  expect((await portal().get('deals', id)).properties.closedate).toBeDefined()
  await api('PATCH', path, stage('closedlost', { closedate: '2031-01-02T00:00:00Z' }))
  expect((await portal().get('deals', id)).properties.closedate).toBe('2031-01-02T00:00:00Z')
})

test("another app's searches leave fewer for this one", async () => {
  await simulator.control.set({ otherAppSearchesPerSecond: 5 })
  const { status, body } = await api('POST', `${objects}/contacts/search`, { limit: 1 })
  expect([status, body.policyName]).toEqual([429, 'SECONDLY'])
})

test('the search index lags for some records longer than for others', async () => {
  await simulator.control.set({ searchLagMs: 60_000, searchLagUneven: true })
  const before = await portal().list('contacts', 30)
  await portal().bulkEdit('contacts', { count: 30, properties: { city: 'Lagging' } })
  expect(before).toHaveLength(30)
  const filters = [{ propertyName: 'city', operator: 'EQ', value: 'Lagging' }]
  const found = async () =>
    (await api('POST', `${objects}/contacts/search`, { filterGroups: [{ filters }] })).body.total
  expect(await found()).toBe(0)
  await simulator.control.set({ searchLagMs: 0 })
  expect(await found()).toBe(30)
})

test('a record has no more associations than it may have', async () => {
  const [contact] = await portal().list('contacts', 1)
  const deal = await portal().create('deals', { dealname: 'One too many' })
  await simulator.control.set({ associationsPerRecord: 0 })
  const from = { id: deal.id }
  const { status, body } = await api(
    'POST',
    '/crm/associations/2026-09/deals/contacts/batch/associate/default',
    { inputs: [{ from, to: { id: present(contact).id } }] },
  )
  expect(status).toBe(400)
  expect(body.errors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }])
})
