import { Client } from '@hubspot/api-client'
import { AssociationSpecAssociationCategoryEnum as Category } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'
import { published } from './published-shapes'

/** Labels of ties, and the associations API of v3, met by HubSpot's own SDK and by plain calls. */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
let sdk: Client
const dated = '/crm/associations/2026-09/contacts/deals'

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 20, deals: 4, webhookUrl: null })
  const kinds = ['contacts', 'deals', 'companies']
  const scopes = kinds.flatMap(kind => [`crm.objects.${kind}.read`, `crm.objects.${kind}.write`])
  const { accessToken } = await simulator.control.tokens(undefined, scopes)
  api = apiOf(simulator, accessToken)
  const limiterOptions = { minTime: 0, maxConcurrent: 10 }
  sdk = new Client({ accessToken, basePath: simulator.url, limiterOptions })
})
afterAll(() => simulator.stop())

const portal = () => simulator.control.portal()
const newPair = async () => ({
  contact: (await portal().create('contacts', { firstname: 'Ada' })).id,
  deal: (await portal().create('deals', { dealname: 'Engine' })).id,
})
const own = (associationTypeId: number) => ({
  associationCategory: Category.UserDefined,
  associationTypeId,
})
const named = (from: string, to: string, type: string) => ({
  from: { id: from },
  to: { id: to },
  type,
})

/** The SDK calls `from` otherwise. */
const ofSdk = ({ from, ...rest }: ReturnType<typeof named>) => ({ _from: from, ...rest })

async function typesOf(contact: string) {
  const { body } = await api('POST', `${dated}/batch/read`, { inputs: [{ id: contact }] })
  const [first] = published.labelledAssociations.parse(body).results
  return present(present(first).to[0]).associationTypes.map(({ label }) => label)
}

test('a label is made both ways, renamed, and removed from the ties that have it', async () => {
  const { definitionsApi } = sdk.crm.associations.v4.schema
  const { contact, deal } = await newPair()
  const made = await definitionsApi.create('contacts', 'deals', {
    label: 'Decision maker',
    name: 'decision_maker',
    inverseLabel: 'Decided by',
  })
  const [forward, backward] = made.results
  expect(made.results.map(({ category, label }) => [category, label])).toEqual([
    ['USER_DEFINED', 'Decision maker'],
    ['USER_DEFINED', 'Decided by'],
  ])
  const types = [own(present(forward).typeId)]
  const tied = await sdk.crm.associations.v4.basicApi.create(
    'contacts',
    contact,
    'deals',
    deal,
    types,
  )
  expect(tied.labels).toEqual(['Decision maker'])
  expect(await typesOf(contact)).toEqual([null, 'Decision maker'])
  const back = await sdk.crm.associations.v4.basicApi.getPage('deals', deal, 'contacts')
  expect(present(back.results[0]).associationTypes).toMatchObject([
    { typeId: 3 },
    { typeId: present(backward).typeId, label: 'Decided by', category: 'USER_DEFINED' },
  ])
  await definitionsApi.update('contacts', 'deals', {
    associationTypeId: present(forward).typeId,
    label: 'Decider',
  })
  expect(await typesOf(contact)).toEqual([null, 'Decider'])
  const { body } = await api('GET', `${dated}/labels`)
  expect(published.labels.parse(body).results).toContainEqual({
    category: 'USER_DEFINED',
    typeId: present(forward).typeId,
    label: 'Decider',
  })
  await definitionsApi.remove('contacts', 'deals', present(forward).typeId)
  expect(await typesOf(contact)).toEqual([null])
  expect(
    (await api('GET', '/crm/v4/associations/deals/contacts/labels')).body.results,
  ).toHaveLength(1)
})

test('batches set labels, which take the place of those before, and take them away', async () => {
  const ids = []
  for (const name of ['payer', 'user']) {
    const { body } = await api('POST', `${dated}/labels`, { label: `The ${name}`, name })
    ids.push(present(published.labels.parse(body).results[0]).typeId)
  }
  const { contact, deal } = await newPair()
  const input = (...labels: number[]) => ({
    from: { id: contact },
    to: { id: deal },
    types: labels.map(own),
  })
  const create = (...labels: number[]) =>
    api('POST', `${dated}/batch/create`, { inputs: [input(...labels)] })
  const { body, status } = await create(...ids)
  expect([status, published.labelsBetween.parse(body).results[0]?.labels]).toEqual([
    200,
    ['The payer', 'The user'],
  ])
  await create(present(ids[0]))
  expect(await typesOf(contact)).toEqual([null, 'The payer'])
  const saved = await simulator.control.snapshot()
  const taken = await api('POST', `${dated}/batch/labels/archive`, { inputs: [input(...ids)] })
  expect([taken.status, await typesOf(contact)]).toEqual([200, [null]])
  await simulator.control.restore(saved)
  expect(await typesOf(contact)).toEqual([null, 'The payer'])
  expect((await create(987)).status).toBe(400)

  // A label goes with its tie, and moves with a record that is merged away.
  const stays = (await newPair()).contact
  await portal().merge('contacts', stays, contact)
  expect(await typesOf(stays)).toEqual([null, 'The payer'])
  await portal().dissociate(stays, deal)
  await portal().associate(stays, deal)
  expect(await typesOf(stays)).toEqual([null])
})

test("HubSpot's own types, taken names and a missing scope are refused", async () => {
  const wanted = { label: 'Taken', name: 'taken' }
  expect((await api('POST', `${dated}/labels`, wanted)).status).toBe(200)
  expect((await api('POST', `${dated}/labels`, wanted)).status).toBe(400)
  const rename = { associationTypeId: 4, label: 'Mine' }
  expect((await api('PUT', `${dated}/labels`, rename)).status).toBe(400)
  expect((await api('DELETE', `${dated}/labels/4`)).status).toBe(400)
  expect((await api('DELETE', `${dated}/labels/987`)).status).toBe(404)
  const { accessToken } = await simulator.control.tokens(undefined, ['crm.objects.contacts.read'])
  const reader = apiOf(simulator, accessToken)
  expect((await reader('POST', `${dated}/labels`, wanted)).status).toBe(403)
})

test('v3 names types by words, and its batches make, read and archive ties', async () => {
  const { batchApi, schema } = sdk.crm.associations
  const types = await schema.typesApi.getAll('contacts', 'companies')
  expect(types.results.slice(0, 2)).toMatchObject([
    { id: '1', name: 'contact_to_company' },
    { id: '279', name: 'contact_to_company_unlabeled' },
  ])
  const v3 = '/crm/v3/associations/contacts/deals'
  published.associationTypes.parse((await api('GET', `${v3}/types`)).body)
  const { contact, deal } = await newPair()
  const inputs = [named(contact, deal, 'contact_to_deal')]
  const made = await api('POST', `${v3}/batch/create`, { inputs })
  expect(made.status).toBe(201)
  expect(published.namedAssociations.parse(made.body).results).toEqual(inputs)
  const { body } = await api('POST', `${v3}/batch/read`, { inputs: [{ id: contact }] })
  expect(published.namedAssociationsOf.parse(body).results).toEqual([
    { from: { id: contact }, to: [{ id: deal, type: 'contact_to_deal' }] },
  ])
  await batchApi.archive('contacts', 'deals', { inputs: inputs.map(ofSdk) })
  const none = await batchApi.read('contacts', 'deals', { inputs: [{ id: contact }] })
  expect(none).toMatchObject({ results: [], numErrors: 1 })
  const company = (await portal().create('companies', { name: 'Acme' })).id
  const second = (await portal().create('companies', { name: 'Second' })).id
  await portal().tie({ contact, company })
  await batchApi.create('contacts', 'companies', {
    inputs: [ofSdk(named(contact, second, 'contact_to_company'))],
  })
  const both = await batchApi.read('contacts', 'companies', { inputs: [{ id: contact }] })
  expect(present(both.results[0]).to.map(({ id, type }) => [id, type])).toEqual([
    [company, 'contact_to_company_unlabeled'],
    [second, 'contact_to_company'],
    [second, 'contact_to_company_unlabeled'],
  ])
  const unknown = { inputs: [named(contact, deal, 'contact_to_nobody')] }
  expect((await api('POST', `${v3}/batch/create`, unknown)).status).toBe(400)
})
