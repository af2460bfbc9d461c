import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSimulator } from '../../support/simulator'
import type { Simulator } from '../../../simulator/index'
import { apiOf, connect } from './connect'
import { present } from '../../support/present'

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
const newDeal = async (properties: Record<string, string> = {}) =>
  (
    await api('POST', deals, {
      properties: { dealname: 'A deal', dealstage: 'qualifiedtobuy', ...properties },
    })
  ).body

describe('writing', () => {
  test.each([
    ['an unknown property', { nonsense: '1' }, 'PROPERTY_DOESNT_EXIST'],
    ['a read-only property', { createdate: '2026-01-01' }, 'READ_ONLY_VALUE'],
    ['a calculated property', { num_associated_deals: '3' }, 'READ_ONLY_VALUE'],
    ['an option that is none', { lifecyclestage: 'Lead' }, 'INVALID_OPTION'],
    ['a number that is none', { partner_score: 'ten' }, 'INVALID_LONG'],
    ['a date that is none', { partner_since: 'yesterday' }, 'INVALID_DATE'],
    ['an address that is none', { email: 'nobody' }, 'INVALID_EMAIL'],
  ])('%s is refused and nothing is written', async (_what, properties, code) => {
    const { id } = await newContact({ firstname: 'Before' })
    const answer = await api('PATCH', `${contacts}/${id}`, {
      properties: { firstname: 'After', ...properties },
    })
    expect(answer).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR', errors: [{ code }] },
    })
    expect((await simulator.control.portal().get('contacts', id)).properties.firstname).toBe(
      'Before',
    )
  })

  test('values are stored the way HubSpot writes them', async () => {
    const { id } = await newContact({
      email: 'Upper.Case@Example.com',
      partner_since: String(Date.UTC(2026, 4, 1)),
    })
    const { properties } = await simulator.control.portal().get('contacts', id)
    expect(properties).toMatchObject({
      email: 'upper.case@example.com',
      partner_since: '2026-05-01',
    })
    const deal = await newDeal({ closedate: '2026-05-01', amount: '1500.50' })
    expect((await simulator.control.portal().get('deals', deal.id)).properties).toMatchObject({
      closedate: '2026-05-01T00:00:00Z',
      amount: '1500.50',
      pipeline: 'default',
    })
  })

  test('writing what is there already leaves the modification date', async () => {
    const { id, updatedAt } = await newContact({ firstname: 'Same' })
    await simulator.control.advanceClock(5_000)
    expect(
      (await api('PATCH', `${contacts}/${id}`, { properties: { firstname: 'Same' } })).body
        .updatedAt,
    ).toBe(updatedAt)
    expect(
      (await api('PATCH', `${contacts}/${id}`, { properties: { firstname: '' } })).body,
    ).not.toMatchObject({ updatedAt })
  })

  test('a deal needs a name and a stage of its pipeline', async () => {
    expect(await api('POST', deals, { properties: { dealname: 'x' } })).toMatchObject({
      status: 400,
      body: { message: 'Error creating DEAL. Some required properties were not set.' },
    })
    expect(
      await api('POST', deals, { properties: { dealname: 'x', dealstage: '94001' } }),
    ).toMatchObject({ status: 400, body: { errors: [{ code: 'INVALID_OPTION' }] } })
    const { id } = await newDeal({ dealstage: '94001', pipeline: '75321' })
    expect(
      (await api('PATCH', `${deals}/${id}`, { properties: { dealstage: 'closedwon' } })).status,
    ).toBe(400)
    expect(
      (
        await api('PATCH', `${deals}/${id}`, {
          properties: { dealstage: 'closedwon', pipeline: 'default' },
        })
      ).status,
    ).toBe(200)
  })

  test('an address belongs to one contact', async () => {
    const { id, properties } = await newContact()
    const other = await newContact()
    const message = `Contact already exists. Existing ID: ${id}`
    expect(
      await api('POST', contacts, { properties: { email: properties.email?.toUpperCase() } }),
    ).toMatchObject({ status: 409, body: { category: 'CONFLICT', message } })
    expect(
      await api('PATCH', `${contacts}/${other.id}`, { properties: { email: properties.email } }),
    ).toMatchObject({ status: 409, body: { message } })
    await api('DELETE', `${contacts}/${id}`)
    expect((await api('POST', contacts, { properties: { email: properties.email } })).status).toBe(
      201,
    )
  })

  test("only version 2026-09 enforces the account's own rules", async () => {
    await simulator.control.portal().setRules([
      {
        type: 'deals',
        property: 'closedate',
        when: { property: 'dealstage', equals: 'closedwon' },
      },
    ])
    const { id } = await newDeal()
    const change = { properties: { dealstage: 'closedwon' } }
    expect(await api('PATCH', `${deals}/${id}`, change)).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    })
    expect((await api('PATCH', `/crm/objects/2026-03/deals/${id}`, change)).status).toBe(200)
    await simulator.control.portal().setRules([])
  })
})

describe('batches', () => {
  const inputs = (emails: string[], traced: boolean) =>
    emails.map((email, index) => ({
      properties: { email },
      ...(traced ? { objectWriteTraceId: `t${index}` } : {}),
    }))

  test('without trace ids one failure fails all, with them each stands alone', async () => {
    const {
      id,
      properties: { email: taken },
    } = await newContact()
    const fresh = newEmail()
    const failed = await api('POST', `${contacts}/batch/create`, {
      inputs: inputs([fresh, present(taken)], false),
    })
    expect(failed).toMatchObject({ status: 409, body: { category: 'CONFLICT' } })
    expect(await simulator.control.portal().find('contacts', 'email', fresh)).toEqual([])

    const partial = await api('POST', `${contacts}/batch/create`, {
      inputs: inputs([fresh, present(taken)], true),
    })
    expect(partial.status).toBe(201)
    expect(partial.body.results.map(result => result.objectWriteTraceId)).toEqual(['t0'])
    expect(partial.body.errors).toMatchObject([
      {
        category: 'CONFLICT',
        message: `Contact already exists. Existing ID: ${id}`,
        context: { objectWriteTraceId: ['t1'] },
      },
    ])
  })

  test('the same record twice in an update is refused', async () => {
    const { id } = await newContact()
    const twice = { inputs: [1, 2].map(n => ({ id, properties: { firstname: String(n) } })) }
    expect((await api('POST', `${contacts}/batch/update`, twice)).status).toBe(400)
  })

  test('an update tells of missing records beside those it changed', async () => {
    const { id } = await newContact()
    const answer = await api('POST', `${contacts}/batch/update`, {
      inputs: [
        { id, properties: { firstname: 'Found' } },
        { id: '5', properties: { firstname: 'Lost' } },
      ],
    })
    expect(answer).toMatchObject({
      status: 200,
      body: { results: [{ id }], errors: [{ context: { ids: ['5'] } }] },
    })
    // Versions before 2026-09 say it by the status as well.
    const before = await api('POST', '/crm/objects/2026-03/contacts/batch/update', {
      inputs: [{ id: '5', properties: { firstname: 'Lost' } }],
    })
    expect(before).toMatchObject({ status: 207, body: { numErrors: 1 } })
  })

  test('an upsert says what is new', async () => {
    const {
      properties: { email },
    } = await newContact()
    const answer = await api('POST', `${contacts}/batch/upsert`, {
      inputs: [email, newEmail()].map(id => ({
        id,
        idProperty: 'email',
        properties: { city: 'Wien' },
      })),
    })
    expect(answer.body.results.map(result => result.new)).toEqual([false, true])
  })

  test('a creation brings its associations', async () => {
    const contact = await newContact()
    const associations = (typeId: number) => [
      {
        to: { id: contact.id },
        types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }],
      },
    ]
    const input = (typeId: number) => ({
      inputs: [
        {
          properties: { dealname: 'With contact', dealstage: 'closedwon' },
          associations: associations(typeId),
        },
      ],
    })
    expect((await api('POST', `${deals}/batch/create`, input(4))).status).toBe(400)
    const created = await api('POST', `${deals}/batch/create`, input(3))
    expect(created.status).toBe(201)
    const read = await api('POST', '/crm/associations/2026-09/deals/contacts/batch/read', {
      inputs: [{ id: created.body.results[0]?.id }],
    })
    expect(read.body.results[0]?.to).toEqual([
      {
        toObjectId: Number(contact.id),
        associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 3, label: null }],
      },
    ])
    expect(
      (await api('GET', `${contacts}/${contact.id}?associations=deals`)).body.associations?.deals
        ?.results[0]?.type,
    ).toBe('contact_to_deal')
  })
})

describe('what happens to records', () => {
  test('a merge fills gaps, keeps both addresses, moves deals, and the old id leads on', async () => {
    const portal = simulator.control.portal()
    const winner = await newContact({ firstname: 'Kept' })
    const loser = await newContact({ firstname: 'Gone', city: 'Wien' })
    const deal = await newDeal()
    await portal.associate(loser.id, deal.id)
    const merged = await portal.merge('contacts', winner.id, loser.id)
    expect(merged.properties).toMatchObject({
      firstname: 'Kept',
      city: 'Wien',
      hs_additional_emails: loser.properties.email,
      hs_merged_object_ids: loser.id,
    })
    expect(merged.associations).toEqual([deal.id])
    expect((await api('GET', `${contacts}/${loser.id}`)).body.id).toBe(winner.id)
    expect(
      (await api('GET', `${contacts}/${loser.properties.email}?idProperty=email`)).body.id,
    ).toBe(winner.id)
    expect(
      (await api('POST', contacts, { properties: { email: loser.properties.email } })).status,
    ).toBe(409)
    const third = await portal.merge('deals', deal.id, (await newDeal()).id, { asNewRecord: true })
    expect(third.id).not.toBe(deal.id)
    expect((await api('GET', `${deals}/${deal.id}`)).status).toBe(404)
  })

  test('an association alone moves no modification date', async () => {
    const contact = await newContact()
    const deal = await newDeal()
    await simulator.control.advanceClock(1_000)
    expect(
      (await api('PUT', `${deals}/${deal.id}/associations/default/contacts/${contact.id}`)).status,
    ).toBe(200)
    const after = await api('GET', `${deals}/${deal.id}?associations=contacts`)
    expect(after.body.updatedAt).toBe(deal.updatedAt)
    expect(after.body.associations?.contacts?.results).toEqual([
      { id: contact.id, type: 'deal_to_contact' },
    ])
  })

  test('an erased contact is nowhere', async () => {
    const { id } = await newContact()
    await simulator.control.portal().erase(id)
    expect((await api('GET', `${contacts}/${id}`)).status).toBe(404)
    expect((await api('GET', `${contacts}/${id}?archived=true`)).status).toBe(404)
  })
})
