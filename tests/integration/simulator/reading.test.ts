import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { apiOf, connect } from './connect'

let simulator: Simulator
let api: ReturnType<typeof apiOf>
const contacts = '/crm/objects/2026-09/contacts'
const deals = '/crm/objects/2026-09/deals'

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 30, deals: 12, settings: { rateLimits: false } })
})
beforeEach(async () => {
  api = apiOf(simulator, (await connect(simulator)).access_token)
})
afterAll(() => simulator.stop())

let counter = 0
const newEmail = () => `person${++counter}.test@example.com`
const newContact = async (properties: Record<string, string> = {}) =>
  (await api('POST', contacts, { properties: { email: newEmail(), ...properties } })).body
describe('reading', () => {
  test('both path families and both type names are the same records', async () => {
    const ids = async (path: string) => (await api('GET', path)).body.results.map(({ id }) => id)
    const wanted = await ids(`${contacts}?limit=5`)
    for (const path of [
      '/crm/v3/objects/contacts',
      '/crm/objects/2026-03/contacts',
      '/crm/objects/2026-09/0-1',
    ])
      expect(await ids(`${path}?limit=5`)).toEqual(wanted)
    expect((await api('GET', '/crm/objects/2031-01/contacts')).status).toBe(404)
    expect((await api('GET', '/crm/v3/objects/products')).status).toBe(404)
  })

  test('pages end, unknown properties are dropped, empty ones are null', async () => {
    const first = await api('GET', `${contacts}?limit=20&properties=email,nonsense,mobilephone`)
    expect(Object.keys(first.body.results[0]?.properties ?? {})).toEqual([
      'createdate',
      'email',
      'hs_object_id',
      'lastmodifieddate',
      'mobilephone',
    ])
    expect(first.body.results[0]?.properties.mobilephone).toBeNull()
    const last = await api('GET', `${contacts}?limit=100&after=${first.body.paging?.next.after}`)
    expect(last.body.paging).toBeUndefined()
    expect((await api('GET', `${contacts}?limit=101`)).status).toBe(400)
  })

  test('archived records are in the archived list alone', async () => {
    const { id } = await newContact()
    expect((await api('DELETE', `${contacts}/${id}`)).status).toBe(204)
    expect((await api('DELETE', `${contacts}/${id}`)).status).toBe(204)
    expect((await api('DELETE', `${contacts}/999`)).status).toBe(204)
    const archived = await api('GET', `${contacts}?archived=true&limit=100`)
    expect(archived.body.results.map(record => record.id)).toContain(id)
    expect((await api('GET', `${contacts}/${id}`)).status).toBe(404)
    expect((await api('GET', `${contacts}/${id}?archived=true`)).body.archived).toBe(true)
    await simulator.control.portal().restore('contacts', id)
    expect((await api('GET', `${contacts}/${id}`)).body.archived).toBe(false)
  })

  test('a batch read names what it did not find', async () => {
    const { id } = await newContact()
    const answer = await api('POST', `${contacts}/batch/read`, {
      properties: ['email'],
      inputs: [{ id }, { id: '77' }],
    })
    expect(answer).toMatchObject({
      status: 200,
      body: { numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['77'] } }] },
    })
    const full = await api('POST', `${contacts}/batch/read`, {
      properties: [],
      inputs: Array.from({ length: 101 }, (_, index) => ({ id: String(index) })),
    })
    expect(full.status).toBe(400)
  })

  test('the former values of a property come with time and source, newest first', async () => {
    const portal = simulator.control.portal()
    const { id } = await newContact({ phone: '1' })
    await portal.edit('contacts', id, { phone: '2' })
    await api('PATCH', `${contacts}/${id}`, { properties: { phone: '', company: 'Acme' } })
    await api('PATCH', `${contacts}/${id}`, { properties: { company: 'Acme' } })
    const read = await api('POST', `${contacts}/batch/read`, {
      properties: ['email'],
      propertiesWithHistory: ['phone', 'company', 'mobilephone', 'nonsense'],
      inputs: [{ id }],
    })
    const [record] = read.body.results
    const history = record?.propertiesWithHistory
    expect(history?.phone?.map(({ value, sourceType }) => [value, sourceType])).toEqual([
      ['', 'INTEGRATION'],
      ['2', 'CRM_UI'],
      ['1', 'INTEGRATION'],
    ])
    expect(history?.company).toHaveLength(1)
    expect(history?.company?.[0]?.timestamp).toBe(record?.updatedAt)
    expect(history?.mobilephone).toEqual([])
    expect(history).not.toHaveProperty('nonsense')
    expect(
      (await api('GET', `${contacts}/${id}?propertiesWithHistory=company`)).body,
    ).toMatchObject({ propertiesWithHistory: { company: [{ value: 'Acme' }] } })
    const { results } = (
      await api('GET', `${contacts}?limit=1&properties=firstname&propertiesWithHistory=firstname`)
    ).body
    expect(results[0]?.propertiesWithHistory?.firstname).toEqual([
      {
        value: results[0]?.properties.firstname,
        timestamp: results[0]?.createdAt,
        sourceType: 'CRM_UI',
        sourceId: expect.any(String),
      },
    ])
    const inputs = Array.from({ length: 51 }, (_, index) => ({ id: String(index + 1) }))
    expect(
      (
        await api('POST', `${contacts}/batch/read`, {
          properties: [],
          propertiesWithHistory: ['phone'],
          inputs,
        })
      ).status,
    ).toBe(400)
    expect((await api('POST', `${contacts}/batch/read`, { properties: [], inputs })).status).toBe(
      200,
    )
  })

  test('modification dates have two names', async () => {
    const { id } = await newContact()
    expect((await api('GET', `${contacts}/${id}`)).body.properties).toHaveProperty(
      'lastmodifieddate',
    )
    expect((await api('GET', deals)).body.results[0]?.properties).toHaveProperty(
      'hs_lastmodifieddate',
    )
  })
})
