import { Client } from '@hubspot/api-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../../simulator/index'
import { present } from '../../support/present'
import { startSimulator } from '../../support/simulator'
import { apiOf, type Answer } from './connect'
import { published } from './published-shapes'

/** Tickets are a row of the table of object types: every verb of the others works on them. */
let simulator: Simulator
let api: (method: string, path: string, body?: unknown) => Promise<Answer>
let sdk: Client
const tickets = '/crm/objects/2026-09/tickets'
const ticketProperties = { subject: 'Printer on fire', hs_pipeline_stage: '1' }

beforeAll(async () => {
  simulator = await startSimulator({ contacts: 5, deals: 2, webhookUrl: null })
  const { accessToken } = await simulator.control.tokens(undefined, [
    'tickets',
    'crm.objects.contacts.read',
    'crm.objects.companies.read',
  ])
  api = apiOf(simulator, accessToken)
  sdk = new Client({
    accessToken,
    basePath: simulator.url,
    limiterOptions: { minTime: 0, maxConcurrent: 10 },
  })
})
afterAll(() => simulator.stop())

const made = async (subject: string) =>
  (await api('POST', tickets, { properties: { ...ticketProperties, subject } })).body

test('have every verb, each answered in the published shape', async () => {
  const { status, body } = await api('POST', tickets, { properties: ticketProperties })
  expect(status).toBe(201)
  expect(published.record.parse(body).properties).toMatchObject(ticketProperties)
  const { id } = body
  const moved = await api('PATCH', `${tickets}/${id}`, { properties: { hs_pipeline_stage: '4' } })
  expect(published.record.parse(moved.body).properties.hs_pipeline_stage).toBe('4')
  published.recordWithAssociations.parse((await api('GET', `${tickets}/${id}`)).body)
  const { results } = published.recordPage.parse((await api('GET', '/crm/v3/objects/0-5')).body)
  expect(results.map(result => result.id)).toContain(id)
  const search = { query: 'printer', filterGroups: [] }
  const { body: found } = await api('POST', `${tickets}/search`, search)
  expect(published.searchPage.parse(found)).toMatchObject({ total: 1, results: [{ id }] })
  const inputs = [{ id }, { id: '1' }]
  const { body: read } = await api('POST', `${tickets}/batch/read`, { inputs })
  expect(published.recordBatch.parse(read)).toMatchObject({ numErrors: 1, results: [{ id }] })
  const other = await made('Another')
  const merge = { primaryObjectId: id, objectIdToMerge: other.id }
  published.record.parse((await api('POST', `${tickets}/merge`, merge)).body)
  expect((await api('DELETE', `${tickets}/${id}`)).status).toBe(204)
  expect((await api('GET', `${tickets}/${id}`)).status).toBe(404)
})

test('are what the SDK makes, reads and archives', async () => {
  const { id } = await sdk.crm.tickets.basicApi.create({ properties: ticketProperties })
  const ticket = await sdk.crm.tickets.basicApi.getById(id, ['subject', 'hs_pipeline'])
  expect(ticket.properties).toMatchObject({ subject: 'Printer on fire', hs_pipeline: '0' })
  const [pipeline] = (await sdk.crm.pipelines.pipelinesApi.getAll('tickets')).results
  expect(present(pipeline).stages.map(stage => stage.metadata?.ticketState)).toEqual([
    'OPEN',
    'OPEN',
    'OPEN',
    'CLOSED',
  ])
  published.pipelines.parse((await api('GET', '/crm/pipelines/2026-09/tickets')).body)
  await sdk.crm.tickets.basicApi.archive(id)
})

test('stand in a stage of their own pipeline, and need one', async () => {
  const refusal = async (properties: Record<string, string>) =>
    (await api('POST', tickets, { properties })).body
  expect((await refusal({ subject: 'No stage' })).context).toEqual({
    properties: ['[hs_pipeline_stage]'],
  })
  const wrong = await refusal({ subject: 'x', hs_pipeline_stage: 'closedwon' })
  expect(wrong.errors).toMatchObject([{ code: 'INVALID_OPTION' }])
  const { body } = await api('GET', '/crm/properties/2026-09/tickets/hs_pipeline_stage')
  expect(body.options.map(({ value }) => value)).toEqual(['1', '2', '3', '4'])
  expect('lifecyclestage' in (await made('No life cycle')).properties).toBe(false)
})

test('belong to contacts and companies, one company the first', async () => {
  const portal = simulator.control.portal()
  const contact = present((await portal.list('contacts', 1))[0])
  const company = await portal.create('companies', { name: 'Acme' })
  const { body: ticket } = await api('POST', tickets, {
    properties: ticketProperties,
    associations: [
      { to: { id: contact.id }, types: [hubspots(16)] },
      { to: { id: company.id }, types: [hubspots(26)] },
    ],
  })
  const { body } = await api('GET', `${tickets}/${ticket.id}?associations=contacts,companies`)
  expect(published.recordWithAssociations.parse(body).associations).toEqual({
    contacts: { results: [{ id: contact.id, type: 'ticket_to_contact' }] },
    companies: {
      results: [
        { id: company.id, type: 'ticket_to_company' },
        { id: company.id, type: 'ticket_to_company_unlabeled' },
      ],
    },
  })
  const saved = await simulator.control.snapshot()
  await portal.tie({ contact: contact.id, ticket: ticket.id, removed: true })
  await simulator.control.restore(saved)
  expect((await portal.get('tickets', ticket.id)).associations).toEqual([contact.id])
})

test('are opened by their own scope', async () => {
  const { accessToken } = await simulator.control.tokens()
  const { status, body } = await apiOf(simulator, accessToken)('GET', tickets)
  expect([status, body.category]).toEqual([403, 'MISSING_SCOPES'])
})

const hubspots = (associationTypeId: number) => ({
  associationCategory: 'HUBSPOT_DEFINED',
  associationTypeId,
})
