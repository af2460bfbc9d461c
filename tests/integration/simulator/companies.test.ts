import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mainPortalId } from '../../../simulator/control-client'
import { objectTypeNames, objectTypes, tiedTo, tieOf } from '../../../simulator/data/object-types'
import type { Simulator } from '../../../simulator/index'
import { madeInCrm } from '../../../simulator/store/events'
import { eventsOf, subscriptionOf } from '../../../simulator/webhooks/subscriptions'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'

/** Companies: every verb of contacts and deals, and their ties to both. */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
const objects = '/crm/objects/2026-09'
const companies = `${objects}/companies`
const scopes = objectTypeNames.flatMap(type => [
  `crm.objects.${type}.read`,
  `crm.objects.${type}.write`,
  `crm.schemas.${type}.read`,
])

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 30, deals: 10, settings: { rateLimits: false } })
  const { accessToken } = await simulator.control.tokens(mainPortalId, scopes)
  api = apiOf(simulator, accessToken)
})
afterAll(() => simulator.stop())

const portal = () => simulator.control.portal()
const newCompany = async (name: string) =>
  (await api('POST', companies, { properties: { name, domain: `${name}.example.com` } })).body
const newContact = () => portal().create('contacts', { firstname: 'Ada' })
const tied = async (path: string) => (await api('GET', path)).body.associations ?? {}

test('ties lead both ways, each with types of its own', () => {
  const ids = objectTypeNames.flatMap(from =>
    tiedTo(from).flatMap(to => {
      expect(tiedTo(to)).toContain(from)
      return Object.values(present(tieOf(from, to))) as number[]
    }),
  )
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(objectTypeNames.map(type => objectTypes[type].objectTypeId)).size).toBe(
    objectTypeNames.length,
  )
})

describe('companies', () => {
  test('are listed, read, searched, written and archived', async () => {
    const { body: page } = await api('GET', `${companies}?limit=3`)
    expect(page.results).toHaveLength(3)
    expect(Object.keys(present(page.results[0]).properties)).toEqual([
      'createdate',
      'domain',
      'hs_lastmodifieddate',
      'hs_object_id',
      'name',
    ])
    const { id, properties } = await newCompany('acme')
    expect(properties.name).toBe('acme')
    const patched = await api('PATCH', `${companies}/${id}`, { properties: { city: 'Graz' } })
    expect(patched.body.properties.city).toBe('Graz')
    const found = await api('POST', `${companies}/search`, { query: 'acme' })
    expect(found.body.results.map(result => result.id)).toEqual([id])
    expect((await api('DELETE', `${companies}/${id}`)).status).toBe(204)
    expect((await api('GET', `${companies}/${id}`)).status).toBe(404)
    expect((await api('GET', `${companies}/${id}?archived=true`)).status).toBe(200)
    expect((await api('POST', `${companies}/gdpr-delete`, { objectId: id })).status).toBe(405)
  })

  test('come in batches, and merge', async () => {
    const inputs = ['one', 'two'].map(name => ({ properties: { name } }))
    const made = await api('POST', `${companies}/batch/create`, { inputs })
    const [one, two] = made.body.results.map(({ id }) => id)
    const contact = await newContact()
    await portal().tie({ contact: contact.id, company: present(two) })
    const merged = await api('POST', `${companies}/merge`, {
      primaryObjectId: one,
      objectIdToMerge: two,
    })
    expect(merged.body.id).toBe(one)
    expect((await portal().get('contacts', contact.id)).companies).toEqual([one])
  })

  test('take the life cycle forward only, as contacts do', async () => {
    const { id } = await newCompany('stages')
    expect((await portal().get('companies', id)).properties.lifecyclestage).toBe('lead')
    for (const lifecyclestage of ['customer', 'lead'])
      await api('PATCH', `${companies}/${id}`, { properties: { lifecyclestage } })
    expect((await portal().get('companies', id)).properties.lifecyclestage).toBe('customer')
  })

  test('need scopes of their own', async () => {
    const { accessToken } = await simulator.control.tokens()
    const { status, body } = await apiOf(simulator, accessToken)('GET', companies)
    expect([status, body.category]).toEqual([403, 'MISSING_SCOPES'])
  })

  test('have properties and no pipelines', async () => {
    const { body } = await api('GET', '/crm/properties/2026-09/0-2')
    expect(body.results.map(({ name }) => name)).toContain('num_associated_contacts')
    expect((await api('GET', '/crm/pipelines/2026-09/companies')).body.results).toEqual([])
  })
})

describe('ties', () => {
  test('are shown with a contact and with a deal, the primary company twice', async () => {
    const [first, second] = [await newCompany('first'), await newCompany('second')]
    const { id } = await newContact()
    for (const company of [first, second]) await portal().tie({ contact: id, company: company.id })
    const shown = await tied(`${objects}/contacts/${id}?associations=companies`)
    expect(shown.companies?.results).toEqual([
      { id: first.id, type: 'contact_to_company' },
      { id: first.id, type: 'contact_to_company_unlabeled' },
      { id: second.id, type: 'contact_to_company_unlabeled' },
    ])
    const other = await tied(`${companies}/${first.id}?associations=contacts,deals`)
    expect(other).toEqual({
      contacts: {
        results: [
          { id, type: 'company_to_contact' },
          { id, type: 'company_to_contact_unlabeled' },
        ],
      },
    })
    const search = { filterGroups: [{ filters: [filter('associations.contact', id)] }] }
    const found = await api('POST', `${companies}/search`, search)
    expect(found.body.results.map(result => result.id)).toEqual([first.id, second.id])
  })

  test('are read with their types, and the primary company is chosen by one', async () => {
    const [first, second] = [await newCompany('plain'), await newCompany('chosen')]
    const deal = await portal().create('deals', { dealname: 'With companies' })
    const path = `${objects}/deals/${deal.id}/associations`
    await api('PUT', `${path}/default/companies/${first.id}`)
    const chosen = await api('PUT', `${path}/companies/${second.id}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 5 },
    ])
    expect([chosen.status, chosen.body]).toMatchObject([
      201,
      { fromObjectTypeId: '0-3', toObjectTypeId: '0-2' },
    ])
    const read = await api('POST', '/crm/associations/2026-09/deals/companies/batch/read', {
      inputs: [{ id: deal.id }],
    })
    const plain = { category: 'HUBSPOT_DEFINED', typeId: 341, label: null }
    expect(present(read.body.results[0]).to).toEqual([
      { toObjectId: Number(first.id), associationTypes: [plain] },
      {
        toObjectId: Number(second.id),
        associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 5, label: 'Primary' }, plain],
      },
    ])
    const wrong = await api('PUT', `${path}/companies/${first.id}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 },
    ])
    expect(wrong.status).toBe(400)
    await api('DELETE', `${path}/companies/${second.id}`)
    expect((await portal().get('deals', deal.id)).companies).toEqual([first.id])
  })

  test('are made with a record, the type says of which object', async () => {
    const contact = await newContact()
    const deal = await portal().create('deals', { dealname: 'Of a company' })
    const to = ({ id }: { id: string }, associationTypeId: number) => ({
      to: { id },
      types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }],
    })
    const { body } = await api('POST', companies, {
      properties: { name: 'Tied' },
      associations: [to(contact, 280), to(deal, 342)],
    })
    const { properties } = await portal().get('companies', body.id)
    expect(properties).toMatchObject({ num_associated_contacts: '1', num_associated_deals: '1' })
  })

  test('are told by webhooks from both sides, by their names', () => {
    const subscriptions = ['company.associationChange', 'object.associationChange'].map(
      (subscriptionType, id) =>
        present(subscriptionOf(id, { subscriptionType, objectType: 'company' })),
    )
    const association = {
      associationType: 'COMPANY_TO_DEAL',
      fromObjectId: '1',
      toObjectId: '2',
      associationRemoved: false,
    }
    const change = {
      portalId: 1,
      type: 'companies',
      kind: 'associationChange',
      objectId: '1',
      at: 0,
      source: madeInCrm,
      association,
    } as const
    const events = eventsOf(change, subscriptions, 1, 'subscribed', () => 7)
    expect(events).toMatchObject([
      { subscriptionType: 'company.associationChange', associationType: 'COMPANY_TO_DEAL' },
      { subscriptionType: 'object.associationChange', objectTypeId: '0-2' },
    ])
  })

  test('outlive a restart, and an older state has none of them', async () => {
    const { id } = await newCompany('kept')
    const contact = await newContact()
    await portal().tie({ contact: contact.id, company: id })
    const saved = await simulator.control.snapshot()
    await portal().tie({ contact: contact.id, company: id, removed: true })
    await simulator.control.restore(saved)
    expect((await portal().get('contacts', contact.id)).companies).toEqual([id])
    const older = {
      ...saved,
      portals: saved.portals.map(({ records, ...rest }) => ({
        ...rest,
        contacts: records?.contacts,
        deals: records?.deals,
        associations: { added: [], removed: [] },
      })),
    }
    await simulator.control.restore(older)
    expect((await portal().get('contacts', contact.id)).companies).toEqual([])
  })
})

const filter = (propertyName: string, value: string) => ({ propertyName, operator: 'EQ', value })
