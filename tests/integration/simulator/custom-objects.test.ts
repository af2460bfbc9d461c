import { Client } from '@hubspot/api-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'
import { published } from './published-shapes'

/** Objects that an account defines: their schemas, and their records by the routes of all records. */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
let sdk: Client
const schemas = '/crm-object-schemas/2026-09/schemas'

const text = (name: string) => ({ name, label: name, type: 'string', fieldType: 'text' })
const egg = (name: string) => ({
  name,
  labels: { singular: 'Car', plural: 'Cars' },
  primaryDisplayProperty: 'model',
  secondaryDisplayProperties: [],
  requiredProperties: ['model'],
  searchableProperties: ['model'],
  properties: [text('model'), { ...text('vin'), hasUniqueValue: true }],
  associatedObjects: ['CONTACT'],
  allowsSensitiveProperties: false,
})

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 5, deals: 2, webhookUrl: null })
  const { accessToken } = await simulator.control.tokens(undefined, [
    'crm.schemas.custom.read',
    'crm.schemas.custom.write',
    'crm.objects.custom.read',
    'crm.objects.custom.write',
    'crm.objects.contacts.read',
    'crm.objects.contacts.write',
    'crm.objects.deals.read',
  ])
  api = apiOf(simulator, accessToken)
  const limiterOptions = { minTime: 0, maxConcurrent: 10 }
  sdk = new Client({ accessToken, basePath: simulator.url, limiterOptions })
})
afterAll(() => simulator.stop())

const created = async (name: string, properties: Record<string, string>) =>
  (await api('POST', `/crm/objects/2026-09/${name}`, { properties })).body

test('an object is defined, listed, and its records answer by all of its names', async () => {
  expect((await api('GET', '/crm/v3/objects/cars')).status).toBe(404)
  const made = await api('POST', schemas, egg('cars'))
  expect(made.status).toBe(201)
  const { fullyQualifiedName, objectTypeId, properties } = published.schema.parse(made.body)
  expect(fullyQualifiedName).toBe('p48210001_cars')
  expect(properties.map(({ name }) => name)).toContain('model')
  const listed = published.schemas.parse((await api('GET', '/crm/v3/schemas')).body)
  expect(listed.results.map(({ name }) => name)).toEqual(['cars'])

  const { id } = await created(fullyQualifiedName, { model: 'Mini', vin: 'V-1' })
  for (const name of ['cars', 'p_cars', fullyQualifiedName, objectTypeId]) {
    const read = await api('GET', `/crm/v3/objects/${name}/${id}?properties=model`)
    expect(published.recordWithAssociations.parse(read.body).properties.model).toBe('Mini')
  }
  const viaSdk = await sdk.crm.objects.basicApi.getById(objectTypeId, id, ['vin'])
  expect(viaSdk.properties.vin).toBe('V-1')
  const search = await api('POST', `/crm/objects/2026-09/${objectTypeId}/search`, { query: 'min' })
  expect(published.searchPage.parse(search.body).total).toBe(1)
  expect((await created('cars', { vin: 'V-2' })).context).toEqual({ properties: ['[model]'] })
  expect((await created('cars', { model: 'Two', vin: 'V-1' })).status).toBe('error')
  const unique = await api('GET', `/crm/v3/objects/cars/V-1?idProperty=vin`)
  expect(unique.body.id).toBe(id)
})

test('its records are tied to those of the kinds it names, and to no others', async () => {
  const contact = present((await simulator.control.portal().list('contacts', 1))[0]).id
  const [there] = (await sdk.crm.schemas.coreApi.getById('cars')).associations
  const types = [
    { associationCategory: 'USER_DEFINED', associationTypeId: Number(present(there).id) },
  ]
  const { body } = await api('POST', '/crm/objects/2026-09/cars', {
    properties: { model: 'Tied' },
    associations: [{ to: { id: contact }, types }],
  })
  const read = await api('GET', `/crm/objects/2026-09/contacts/${contact}?associations=p_cars`)
  expect(read.body.associations).toEqual({
    p48210001_cars: { results: [{ id: body.id, type: 'contact_to_cars' }] },
  })
  expect((await api('GET', '/crm/v4/associations/cars/deals/labels')).status).toBe(404)
  const deal = { fromObjectTypeId: 'cars', toObjectTypeId: 'deals', name: 'car_to_deal' }
  const added = await api('POST', `${schemas}/cars/associations`, deal)
  expect(added.status).toBe(201)
  const { id } = published.associationDefinition.parse(added.body)
  const labels = await api('GET', '/crm/v4/associations/cars/deals/labels')
  expect(published.labels.parse(labels.body).results).toMatchObject([
    { typeId: Number(id), category: 'USER_DEFINED' },
  ])
  expect((await api('DELETE', `${schemas}/cars/associations/${id}`)).status).toBe(204)
  expect((await api('GET', '/crm/v4/associations/cars/deals/labels')).status).toBe(404)
})

test('it is changed, kept by a snapshot, and goes when its records have gone', async () => {
  const { coreApi } = sdk.crm.schemas
  await coreApi.create(egg('boats') as Parameters<typeof coreApi.create>[0])
  const change = { labels: { singular: 'Boat', plural: 'Boats' } }
  const changed = await api('PATCH', `${schemas}/boats`, change)
  expect(published.schemaDefinition.parse(changed.body).labels.plural).toBe('Boats')
  const { id } = await created('boats', { model: 'Sloop' })
  const saved = await simulator.control.snapshot()
  expect((await api('DELETE', `${schemas}/boats`)).status).toBe(400)
  await api('DELETE', `/crm/objects/2026-09/boats/${id}`)
  expect((await api('DELETE', `${schemas}/boats`)).status).toBe(204)
  expect((await api('GET', '/crm/v3/objects/boats')).status).toBe(404)
  await simulator.control.restore(saved)
  expect((await api('GET', `/crm/v3/objects/boats/${id}`)).status).toBe(200)
})

test('what cannot be is refused', async () => {
  const status = async (body: object) => (await api('POST', schemas, body)).status
  expect(await status(egg('contacts'))).toBe(409)
  expect(await status({ ...egg('planes'), requiredProperties: ['wings'] })).toBe(400)
  expect(await status({ ...egg('planes'), associatedObjects: ['nonsense'] })).toBe(400)
  expect(await status(egg('planes'))).toBe(201)
  expect(await status(egg('one_too_many'))).toBe(400)
  const { accessToken } = await simulator.control.tokens()
  expect((await apiOf(simulator, accessToken)('GET', schemas)).status).toBe(403)
})
