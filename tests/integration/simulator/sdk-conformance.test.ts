import { Client } from '@hubspot/api-client'
import { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js'
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/index.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { connect, type Tokens } from './connect'

/**
 * HubSpot's own client, unmodified, sees no difference: that is what makes the simulator worth
 * testing against.
 */
let simulator: Simulator
let tokens: Tokens
let client: Client

const limiterOptions = { minTime: 0, maxConcurrent: 10 }

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 230, deals: 60 })
  tokens = await connect(simulator)
  client = new Client({ accessToken: tokens.access_token, basePath: simulator.url, limiterOptions })
})
afterAll(() => simulator.stop())

/** What the client throws: HubSpot's status, body and headers. */
async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; body: { category?: string; message: string; correlationId: string } }> {
  try {
    await call
  } catch (error) {
    return error as {
      code: number
      body: { category: string; message: string; correlationId: string }
    }
  }
  throw new Error('the call was not refused')
}

describe('contacts', () => {
  test('are listed in pages and all at once', async () => {
    const page = await client.crm.contacts.basicApi.getPage(
      100,
      undefined,
      ['email', 'lifecyclestage'],
      undefined,
      ['deals'],
    )
    expect(page.results).toHaveLength(100)
    expect(Object.keys(page.results[0]?.properties ?? {})).toEqual([
      'createdate',
      'email',
      'hs_object_id',
      'lastmodifieddate',
      'lifecyclestage',
    ])
    expect(page.results[0]?.createdAt).toBeInstanceOf(Date)
    expect(
      page.results.some(contact => (contact.associations?.deals?.results.length ?? 0) > 0),
    ).toBe(true)
    const next = await client.crm.contacts.basicApi.getPage(100, page.paging?.next?.after)
    expect(next.results[0]?.id).not.toBe(page.results.at(-1)?.id)
    const all = await client.crm.contacts.getAll(100)
    expect(all).toHaveLength(230)
    expect(new Set(all.map(({ id }) => id)).size).toBe(230)
  })

  test('are created, read, changed and archived', async () => {
    const created = await client.crm.contacts.basicApi.create({
      properties: { email: 'Life@Cycle.example.com', firstname: 'Li' },
      associations: [],
    })
    expect(created.properties.email).toBe('life@cycle.example.com')
    await client.crm.contacts.basicApi.update(created.id, { properties: { firstname: 'Lia' } })
    const read = await client.crm.contacts.basicApi.getById(
      'life@cycle.example.com',
      ['firstname'],
      undefined,
      undefined,
      false,
      'email',
    )
    expect(read).toMatchObject({
      id: created.id,
      archived: false,
      properties: { firstname: 'Lia' },
    })
    await client.crm.contacts.basicApi.archive(created.id)
    expect(await refusal(client.crm.contacts.basicApi.getById(created.id))).toMatchObject({
      code: 404,
      body: { category: 'OBJECT_NOT_FOUND' },
    })
    const archived = await client.crm.contacts.basicApi.getById(
      created.id,
      undefined,
      undefined,
      undefined,
      true,
    )
    expect(archived.archivedAt).toBeInstanceOf(Date)
  })

  test('go in batches, each input with its own outcome', async () => {
    const { batchApi } = client.crm.contacts
    const inputs = [1, 2].map(n => ({
      properties: { email: `batch${n}@example.com` },
      associations: [],
      objectWriteTraceId: `t${n}`,
    }))
    const created = await batchApi.create({ inputs })
    expect(created.status).toBe('COMPLETE')
    expect(created.results).toHaveLength(2)
    const again = await batchApi.create({
      inputs: [
        ...inputs,
        { properties: { email: 'batch3@example.com' }, associations: [], objectWriteTraceId: 't3' },
      ],
    })
    expect(again.results).toHaveLength(1)
    expect(again).toMatchObject({ numErrors: 2 })
    const ids = created.results.map(({ id }) => ({ id }))
    const read = await batchApi.read({
      inputs: [...ids, { id: '1' }],
      properties: ['email'],
      propertiesWithHistory: [],
    })
    expect(read.results).toHaveLength(2)
    const updated = await batchApi.update({
      inputs: ids.map(({ id }) => ({ id, properties: { jobtitle: 'Buyer' } })),
    })
    expect(updated.results.map(({ properties }) => properties.jobtitle)).toEqual(['Buyer', 'Buyer'])
    const upserted = await batchApi.upsert({
      inputs: [
        { id: 'batch1@example.com', idProperty: 'email', properties: { company: 'Acme' } },
        { id: 'batch4@example.com', idProperty: 'email', properties: { company: 'Acme' } },
      ],
    })
    expect(upserted.results.map(result => (result as { _new?: boolean })._new)).toEqual([
      false,
      true,
    ])
    await batchApi.archive({ inputs: ids })
    expect(
      (await batchApi.read({ inputs: ids, properties: [], propertiesWithHistory: [] })).results,
    ).toHaveLength(0)
  })

  test('are found by search', async () => {
    const found = await client.crm.contacts.searchApi.doSearch({
      filterGroups: [
        {
          filters: [
            { propertyName: 'lifecyclestage', operator: FilterOperatorEnum.Eq, value: 'lead' },
          ],
        },
      ],
      sorts: ['-createdate'],
      properties: ['lifecyclestage'],
      limit: 5,
      after: '0',
    })
    expect(found.total).toBeGreaterThan(5)
    expect(found.results.every(({ properties }) => properties.lifecyclestage === 'lead')).toBe(true)
    expect(found.paging?.next?.after).toBe('5')
  })

  test("refuse what is wrong with HubSpot's words", async () => {
    const { basicApi } = client.crm.contacts
    const existing = await basicApi.create({
      properties: { email: 'taken@example.com' },
      associations: [],
    })
    const conflict = await refusal(
      basicApi.create({ properties: { email: 'taken@example.com' }, associations: [] }),
    )
    expect(conflict).toMatchObject({
      code: 409,
      body: {
        category: 'CONFLICT',
        message: `Contact already exists. Existing ID: ${existing.id}`,
      },
    })
    const invalid = await refusal(
      basicApi.create({ properties: { nonsense: '1' }, associations: [] }),
    )
    expect(invalid).toMatchObject({
      code: 400,
      body: { category: 'VALIDATION_ERROR', errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] },
    })
  })
})

test('deals are written with their contact, and associations read back both ways', async () => {
  const contact = await client.crm.contacts.basicApi.create({
    properties: { email: 'buyer@example.com' },
    associations: [],
  })
  const type = {
    associationCategory: AssociationSpecAssociationCategoryEnum.HubspotDefined,
    associationTypeId: 3,
  }
  const deal = await client.crm.deals.basicApi.create({
    properties: {
      dealname: 'SDK deal',
      dealstage: 'qualifiedtobuy',
      pipeline: 'default',
      amount: '12.50',
    },
    associations: [{ to: { id: contact.id }, types: [type] }],
  })
  const v4 = client.crm.associations.v4
  const read = await v4.batchApi.getPage('deals', 'contacts', { inputs: [{ id: deal.id }] })
  expect(String(read.results[0]?.to[0]?.toObjectId)).toBe(contact.id)
  const page = await v4.basicApi.getPage('contacts', contact.id, 'deals')
  expect(page.results).toHaveLength(1)
  await v4.basicApi.archive('contacts', contact.id, 'deals', deal.id)
  expect((await v4.basicApi.getPage('contacts', contact.id, 'deals')).results).toHaveLength(0)
  await v4.basicApi.createDefault('deals', deal.id, 'contacts', contact.id)
  await v4.basicApi.create('deals', deal.id, 'contacts', contact.id, [type])
  expect((await v4.basicApi.getPage('deals', deal.id, 'contacts')).results).toHaveLength(1)
  expect((await client.crm.deals.getAll(100)).length).toBe(61)
})

test('the schema is readable: properties, pipelines, owners', async () => {
  const properties = await client.crm.properties.coreApi.getAll('contacts')
  expect(
    properties.results.find(({ name }) => name === 'lifecyclestage')?.options[0],
  ).toMatchObject({ label: 'Subscriber', value: 'subscriber' })
  expect((await client.crm.properties.coreApi.getByName('deals', 'dealstage')).options.length).toBe(
    11,
  )
  const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals')
  expect(pipelines.results.map(({ id }) => id)).toEqual(['default', '75321'])
  expect(pipelines.results[0]?.stages[0]?.metadata).toEqual({
    isClosed: 'false',
    probability: '0.2',
  })
  expect((await client.crm.owners.ownersApi.getPage()).results).toHaveLength(3)
})

test('a 429 makes the client wait and try again', async () => {
  await simulator.control.inject({
    path: '/objects/contacts',
    action: {
      kind: 'status',
      status: 429,
      body: {
        status: 'error',
        message: 'You have reached your secondly limit.',
        errorType: 'RATE_LIMIT',
        policyName: 'SECONDLY',
      },
    },
  })
  const patient = new Client({
    accessToken: tokens.access_token,
    basePath: simulator.url,
    limiterOptions,
    numberOfApiCallRetries: 2,
  })
  const page = await patient.crm.contacts.basicApi.getPage(1)
  expect(page.results).toHaveLength(1)
})
