import { afterAll, beforeAll, expect, test } from 'vitest'
import type { z } from 'zod'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'
import { published } from './published-shapes'

/**
 * The answers of each route in the published shapes. Those of custom objects, labels, exports and
 * the journal are held against them where these are tested.
 */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
const dated = '2026-09'

beforeAll(async () => {
  simulator = await startSimulator({
    contacts: 12,
    deals: 5,
    webhookUrl: 'http://127.0.0.1:9/',
    settings: { rateLimits: false },
  })
  await simulator.control.setWebhooks({ enabled: false })
  const ofCompanies = ['crm.objects.companies.read', 'crm.objects.companies.write']
  const { app } = await simulator.control.state()
  const { accessToken } = await simulator.control.tokens(undefined, [
    ...app.requiredScopes,
    ...app.optionalScopes,
    ...ofCompanies,
    'crm.schemas.contacts.write',
  ])
  api = apiOf(simulator, accessToken)
})
afterAll(() => simulator.stop())

type Shape = Exclude<keyof typeof published, never> | null

/** @returns the answer's body, once status and shape are as wanted; null: there is no body */
async function answer(
  call: [method: string, path: string, body?: unknown],
  status: number,
  shape: Shape,
): Promise<Answer['body']> {
  const { body, ...found } = await api(...call)
  expect([...call, found.status]).toEqual([...call, status])
  if (shape === null) expect([...call, body]).toEqual([...call, {}])
  else {
    const schema: z.ZodType = published[shape]
    expect([...call, schema.safeParse(body).error?.issues ?? []]).toEqual([...call, []])
  }
  return body
}

const kinds: [string, Record<string, string>][] = [
  ['contacts', { email: 'shape@example.com', firstname: 'Shape' }],
  ['deals', { dealname: 'Shape', dealstage: 'appointmentscheduled' }],
  ['companies', { name: 'Shape', domain: 'shape.example' }],
]

test.each(kinds)('%s: every verb', async (type, properties) => {
  for (const root of [`/crm/objects/${dated}/${type}`, `/crm/v3/objects/${type}`]) {
    const { id } = await answer(['POST', root, { properties }], 201, 'record')
    const rename = { properties: { [Object.keys(properties).at(-1) ?? '']: 'shape' } }
    if (type !== 'deals') await answer(['PATCH', `${root}/${id}`, rename], 200, 'record')
    const ties = type === 'deals' ? 'contacts' : 'deals'
    const query = `associations=${ties}&propertiesWithHistory=createdate`
    await answer(['GET', `${root}/${id}?${query}`], 200, 'recordWithAssociations')
    await answer(['GET', `${root}?limit=2&associations=${ties}`], 200, 'recordPage')
    const search = { filterGroups: [], limit: 1 }
    await answer(['POST', `${root}/search`, search], 200, 'searchPage')
    const inputs = [{ id, objectWriteTraceId: 'a', properties: {} }]
    const read = { inputs: [{ id }, { id: '1' }], properties: ['createdate'] }
    const inPart = root.includes(dated) ? 200 : 207
    await answer(['POST', `${root}/batch/read`, read], inPart, 'recordBatch')
    await answer(['POST', `${root}/batch/update`, { inputs }], 200, 'recordBatch')
    const other = { ...properties, ...(type === 'contacts' ? { email: 'b@shape.example' } : {}) }
    const create = { inputs: [{ properties: other, objectWriteTraceId: 'a', associations: [] }] }
    const made = await answer(['POST', `${root}/batch/create`, create], 201, 'recordBatch')
    const second = present(made.results[0]).id
    const merge = { primaryObjectId: id, objectIdToMerge: second }
    const merged = await answer(['POST', `${root}/merge`, merge], 200, 'record')
    await answer(['POST', `${root}/batch/archive`, { inputs: [{ id: merged.id }] }], 204, null)
    await answer(['DELETE', `${root}/${merged.id}`], 204, null)
  }
})

test('contacts: upserts, privacy deletion', async () => {
  const root = `/crm/objects/${dated}/contacts`
  const email = 'upsert@shape.example'
  const inputs = [{ id: email, idProperty: 'email', properties: { email } }]
  const made = await answer(['POST', `${root}/batch/upsert`, { inputs }], 200, 'upsertBatch')
  const erase = { objectId: present(made.results[0]).id }
  await answer(['POST', `${root}/gdpr-delete`, erase], 204, null)
})

test('properties and their groups', async () => {
  const root = `/crm/properties/${dated}/contacts`
  const group = { name: 'shapes', label: 'Shapes', displayOrder: 1 }
  const definition = { label: 'Shape', type: 'string', fieldType: 'text', groupName: 'shapes' }
  await answer(['GET', root], 200, 'properties')
  await answer(['POST', `${root}/groups`, group], 201, 'group')
  await answer(['GET', `${root}/groups`], 200, 'groups')
  await answer(['PATCH', `${root}/groups/shapes`, { label: 'Forms' }], 200, 'group')
  await answer(['POST', root, { ...definition, name: 'shape_one' }], 201, 'property')
  const inputs = [{ ...definition, name: 'shape_two' }]
  await answer(['POST', `${root}/batch/create`, { inputs }], 200, 'propertyBatch')
  const read = { archived: false, inputs: [{ name: 'shape_one' }, { name: 'nothing' }] }
  await answer(['POST', `${root}/batch/read`, read], 200, 'propertyBatch')
  await answer(['PATCH', `${root}/shape_one`, { label: 'One' }], 200, 'property')
  await answer(['POST', `${root}/batch/archive`, { inputs: [{ name: 'shape_two' }] }], 204, null)
  await answer(['DELETE', `${root}/shape_one`], 204, null)
  await answer(['DELETE', `${root}/groups/shapes`], 204, null)
})

test('pipelines, owners, the account', async () => {
  await answer(['GET', `/crm/pipelines/${dated}/deals`], 200, 'pipelines')
  await answer(['GET', `/crm/owners/${dated}?limit=1`], 200, 'owners')
  await answer(['GET', '/crm/v3/owners?archived=true'], 200, 'owners')
  await answer(['GET', `/account-info/${dated}/details`], 200, 'account')
})

test('lists and who is on them', async () => {
  const root = `/crm/lists/${dated}`
  const [{ listId } = { listId: '' }] = await simulator.control.portal().lists()
  const [contact] = await simulator.control.portal().list('contacts', 1)
  await answer(['GET', `${root}?listIds=${listId}`], 200, 'lists')
  await answer(['GET', `${root}/${listId}`], 200, 'list')
  await answer(['POST', `${root}/search`, { query: '', count: 1 }], 200, 'listSearch')
  await answer(['GET', `${root}/${listId}/memberships?limit=1`], 200, 'memberships')
  const inputs = [{ objectTypeId: '0-1', recordId: present(contact).id }]
  const memberships = `${root}/records/memberships/batch/read`
  await answer(['POST', memberships, { inputs }], 200, 'listsOfRecords')
})

test('associations between contacts and deals', async () => {
  const root = `/crm/associations/${dated}/deals/contacts`
  const [contact] = await simulator.control.portal().list('contacts', 1)
  const [deal] = await simulator.control.portal().list('deals', 1)
  const pair = { from: { id: present(deal).id }, to: { id: present(contact).id } }
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }]
  const inputs = [{ ...pair, types }]
  await answer(['POST', `${root}/batch/create`, { inputs }], 200, 'labelsBetween')
  const read = { inputs: [pair.from, { id: '1' }] }
  await answer(['POST', `${root}/batch/read`, read], 200, 'labelledAssociations')
  await answer(['GET', `${root}/labels`], 200, 'labels')
  const named = '/crm/v3/associations/deals/contacts'
  await answer(['GET', `${named}/types`], 200, 'associationTypes')
  const away = { inputs: [{ from: pair.from, to: [pair.to] }] }
  await answer(['POST', `${root}/batch/archive`, away], 200, 'labelsBetween')
})

test('the webhook settings of the app', async () => {
  const { app } = await simulator.control.state()
  const key = `?hapikey=${app.developerApiKey}`
  const root = `/webhooks/2026-03/${app.appId}`
  const settings = { targetUrl: 'https://example.com/hook', maxConcurrentRequests: 10 }
  await answer(['PUT', `${root}/settings${key}`, settings], 200, 'webhookSettings')
  await answer(['GET', `${root}/settings${key}`], 200, 'webhookSettings')
  await answer(['GET', `${root}/subscriptions${key}`], 200, 'webhookSubscriptions')
  const wanted = { eventType: 'contact.deletion', active: true }
  const { id } = await answer(
    ['POST', `${root}/subscriptions${key}`, wanted],
    201,
    'webhookSubscription',
  )
  const paused = { active: false }
  await answer(['PATCH', `${root}/subscriptions/${id}${key}`, paused], 200, 'webhookSubscription')
  await answer(['DELETE', `${root}/subscriptions/${id}${key}`], 204, null)
  await answer(['DELETE', `${root}/settings${key}`], 204, null)
})
