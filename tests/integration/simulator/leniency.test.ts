import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { startSimulator } from '../../support/simulator'
import { apiOf, connect } from './connect'

/** What HubSpot takes and real clients send (docs/hubspot-platform.md#objects). */
const objects = '/crm/objects/2026-09'

let simulator: Simulator
let api: ReturnType<typeof apiOf>
let contact: string
const strict = (strictBodies: boolean) => simulator.control.set({ strictBodies })

beforeAll(async () => {
  simulator = await startSimulator({
    contacts: 30,
    deals: 10,
    settings: { rateLimits: false, strictBodies: false },
  })
  api = apiOf(simulator, (await connect(simulator)).access_token)
  const made = await api('POST', `${objects}/contacts`, {
    properties: { email: 'one@example.com' },
  })
  contact = String((made.body as { id?: string }).id)
})
afterAll(() => simulator.stop())

const valuesOf = ({ body }: { body: unknown }) =>
  (body as { properties: Record<string, string | null> }).properties

describe('what HubSpot takes', () => {
  test('numbers and yes/no as property values', async () => {
    const deal = await api('POST', `${objects}/deals`, {
      properties: { dealname: 'Numbers', dealstage: 'appointmentscheduled', amount: 10_000 },
    })
    expect(deal.status).toBe(201)
    expect(valuesOf(deal).amount).toBe('10000')
    const changed = await api('PATCH', `${objects}/contacts/${contact}`, {
      properties: { partner_newsletter: true },
    })
    expect(valuesOf(changed).partner_newsletter).toBe('true')
  })

  test('numbers in searches, and fields that nobody knows', async () => {
    const found = await api('POST', `${objects}/contacts/search`, {
      filterGroups: [
        { filters: [{ propertyName: 'createdate', operator: 'GT', value: 0, more: 'x' }] },
      ],
      sortBy: 'email',
      after: 0,
      limit: '5',
    })
    expect(found.status).toBe(200)
    expect(found.body.results).toHaveLength(5)
  })

  test('query parameters that nobody knows, and any value of archived', async () => {
    for (const query of ['nonsense=1', 'archived=maybe', 'hapikey=demo'])
      expect((await api('GET', `${objects}/contacts?${query}`)).status).toBe(200)
  })

  test('associations with objects that the account has none of', async () => {
    const answer = await api('GET', `${objects}/contacts?associations=products,deals&limit=1`)
    expect(answer.status).toBe(200)
    expect((await api('GET', `${objects}/contacts?associations=nonsense`)).status).toBe(400)
  })

  test('null changes nothing, the empty text clears', async () => {
    const path = `${objects}/contacts/${contact}`
    await api('PATCH', path, { properties: { city: 'Wien' } })
    const left = await api('PATCH', path, { properties: { city: null } })
    expect(left.status).toBe(200)
    expect(valuesOf(left).city).toBe('Wien')
    expect(valuesOf(await api('PATCH', path, { properties: { city: '' } })).city).toBeNull()
  })

  test('a deal without a stage, in v3 alone', async () => {
    const deal = { properties: { dealname: 'No stage' } }
    expect((await api('POST', '/crm/v3/objects/deals', deal)).status).toBe(201)
    expect((await api('POST', `${objects}/deals`, deal)).status).toBe(400)
  })
})

test('the strict setting refuses each of these by name', async () => {
  await strict(true)
  const refused = [
    await api('POST', `${objects}/contacts`, { properties: { partner_score: 4 } }),
    await api('POST', `${objects}/contacts/search`, { sortBy: 'email' }),
    await api('POST', `${objects}/contacts/search`, { after: 0 }),
    await api('GET', `${objects}/contacts?nonsense=1`),
    await api('GET', `${objects}/contacts/${contact}?archived=maybe`),
    await api('GET', '/crm/owners/2026-09?nonsense=1'),
  ]
  await strict(false)
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 400))
  expect(refused.map(({ body }) => body.message)).toEqual([
    expect.stringContaining('Cannot deserialize'),
    expect.stringContaining('"sortBy"'),
    expect.stringContaining('Cannot deserialize'),
    expect.stringContaining('"nonsense"'),
    expect.stringContaining('archived'),
    expect.stringContaining('"nonsense"'),
  ])
})

test.each(['CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN'])(
  '%s takes hyphens and every other mark of patterns as text',
  async operator => {
    for (const value of ['a-b', 'jean-luc*', '(x', 'a/b', '[', '\\', '+1', '^$.|?{}', '*'])
      expect(
        (
          await api('POST', `${objects}/contacts/search`, {
            filterGroups: [{ filters: [{ propertyName: 'lastname', operator, value }] }],
          })
        ).status,
        value,
      ).toBe(200)
  },
)

describe('what HubSpot answers', () => {
  test('the next page is of the same version, with the same parameters', async () => {
    for (const path of ['/crm/v3/objects/contacts', `${objects}/contacts`]) {
      const { body } = await api('GET', `${path}?limit=2&properties=email&archived=false`)
      const { after, link } = (
        body as unknown as { paging: { next: { after: string; link: string } } }
      ).paging.next
      const url = new URL(link)
      expect(url.pathname).toBe(path)
      expect(Object.fromEntries(url.searchParams)).toEqual({
        limit: '2',
        properties: 'email',
        archived: 'false',
        after,
      })
    }
  })

  test('a new contact says where it came from, its domain and its first lifecycle stage', async () => {
    const names = ['hs_object_source', 'hs_object_source_id', 'hs_email_domain', 'lifecyclestage']
    const made = await api('GET', `${objects}/contacts/${contact}?properties=${names.join(',')}`)
    expect(valuesOf(made)).toMatchObject({
      hs_object_source: 'INTEGRATION',
      hs_object_source_id: expect.any(String) as string,
      hs_email_domain: 'example.com',
      lifecyclestage: 'lead',
    })
  })

  test('associations made with their types: 201 before 2026-09, 200 since', async () => {
    const deal = (await simulator.control.portal().list('deals', 1))[0]?.id
    const body = {
      inputs: [
        {
          from: { id: deal },
          to: { id: contact },
          types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }],
        },
      ],
    }
    const path = (version: string) => `/crm/associations/${version}/deals/contacts/batch/create`
    expect((await api('POST', path('2026-03'), body)).status).toBe(201)
    const since = await api('POST', path('2026-09'), body)
    expect(since).toMatchObject({
      status: 200,
      body: { status: 'COMPLETE', results: [{ toObjectId: Number(contact) }] },
    })
    const one = `${objects}/deals/${deal}/associations/contacts`
    expect((await api('GET', one)).status).toBe(404)
    expect((await api('GET', one.replace('2026-09', '2026-03'))).status).toBe(200)
  })

  test('the limits stand in the headers, those of the second too', async () => {
    await simulator.control.set({ rateLimits: true })
    const { headers } = await api('GET', `${objects}/contacts?limit=1`)
    await simulator.control.set({ rateLimits: false })
    expect(headers.get('x-hubspot-ratelimit-secondly')).toBe('11')
    expect(headers.get('x-hubspot-ratelimit-secondly-remaining')).toBe('10')
  })
})
