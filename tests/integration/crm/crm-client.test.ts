import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCrm } from '../../../server/hubspot/crm-client'
import type { Crm } from '../../../server/hubspot/crm-types'
import { HubspotError } from '../../../server/hubspot/errors'
import type { Services } from '../../../server/services'
import type { Simulator } from '../../../simulator/index'
import {
  aConnectedPartner,
  startServices,
  testEnvironment,
  type ConnectedPartner,
} from '../../support/connected'
import { testDatabase, type TestDatabase } from '../../support/mongo'
import { startSimulator } from '../../support/simulator'
import { noTriggers } from '../../support/sync'
import { present } from '../../support/present'

let test: TestDatabase
let simulator: Simulator
let services: Services
let partner: ConnectedPartner
let crm: Crm
const contactProperties = ['email', 'firstname', 'lastname']

beforeAll(async () => {
  test = await testDatabase()
  simulator = await startSimulator({ contacts: 230, deals: 60, webhookUrl: null })
  services = (await startServices(testEnvironment(test, simulator.env), { triggers: noTriggers }))
    .services
  partner = await aConnectedPartner(services)
  const { http, connection, pacing, configuration, metrics } = services
  crm = createCrm({
    http,
    tokens: connection,
    pacing,
    configuration,
    metrics,
    retryDelaysMs: [10, 20, 40],
  }).forPartner(partner.partnerId)
})
afterAll(async () => {
  await services.stop()
  await simulator.stop()
  await test.drop()
})
beforeEach(async () => {
  await simulator.control.clearFaults()
  await simulator.control.clearCalls()
  await simulator.control.resetLimits()
  await services.database.collections.pace.deleteMany({})
})

const failed = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('It succeeded')
    },
    (error: unknown) => error as HubspotError,
  )

describe('reading', () => {
  it('pages through a list by cursor, on dated paths alone', async () => {
    const ids: string[] = []
    let after: string | undefined
    do {
      const page = await crm.listPage('contacts', { after, properties: contactProperties })
      ids.push(...page.results.map(record => record.id))
      after = page.after ?? undefined
    } while (after !== undefined)
    expect(new Set(ids).size).toBe(230)
    const calls = await simulator.control.calls({ kind: 'general' })
    expect(calls).toHaveLength(3)
    for (const { path } of calls) expect(path).toMatch(/^\/crm\/objects\/2026-09\/contacts$/)
  })

  it('brings deals with the ids of all their contacts, an empty list where there are none', async () => {
    const portal = simulator.control.portal()
    const contacts = (await portal.list('contacts', 150)).map(contact => contact.id)
    const crowded = await portal.create(
      'deals',
      { dealname: 'Crowded', dealstage: 'appointmentscheduled', pipeline: 'default' },
      { associations: contacts },
    )
    const alone = await portal.create('deals', {
      dealname: 'Alone',
      dealstage: 'appointmentscheduled',
      pipeline: 'default',
    })
    const page = await crm.listPage('deals', {
      properties: ['dealname'],
      associations: ['contacts'],
    })
    const found = (id: string) => page.results.find(deal => deal.id === id)?.associations?.contacts
    expect(found(alone.id)).toEqual([])
    expect([...(found(crowded.id) ?? [])].sort()).toEqual([...contacts].sort())
    const read = await crm.associations('deals', 'contacts', [crowded.id, alone.id])
    expect(read.get(alone.id)).toEqual([])
    expect(read.get(crowded.id)?.length).toBe(150)
  })

  it('searches with total, and reads batches of any size with what is missing', async () => {
    const page = await crm.search('contacts', { limit: 1, properties: ['email'] })
    expect(page.total).toBe(230)
    expect(page.results).toHaveLength(1)
    const ids = (await simulator.control.portal().list('contacts', 230)).map(contact => contact.id)
    const { results, missing } = await crm.batchRead(
      'contacts',
      [...ids, '999999999999'],
      contactProperties,
    )
    expect(results).toHaveLength(230)
    expect(missing).toEqual(['999999999999'])
  })

  it('says when single values were set, fifty records a request', async () => {
    const portal = simulator.control.portal()
    const ids = (await portal.list('contacts', 120)).map(contact => contact.id)
    const at = Date.parse('2026-05-01T10:00:00.123Z')
    await portal.edit('contacts', present(ids[119]), { phone: '1', jobtitle: 'Old' }, { at })
    await portal.edit('contacts', present(ids[119]), { jobtitle: 'New' }, { at: at + 5000 })
    await simulator.control.clearCalls()
    const times = await crm.changedAt(
      'contacts',
      [...ids, '999999999999'],
      ['phone', 'jobtitle', 'nonsense'],
    )
    expect(times.size).toBe(120)
    expect(times.get(present(ids[119]))).toEqual({
      phone: '2026-05-01T10:00:00.123Z',
      jobtitle: '2026-05-01T10:00:05.123Z',
    })
    expect(
      (await simulator.control.calls({ path: '/batch/read' })).map(call => call.status),
    ).toEqual([200, 200, 207])
  })

  it('reads properties and pipelines', async () => {
    const properties = await crm.properties('contacts')
    expect(properties.find(property => property.name === 'email')).toMatchObject({ writable: true })
    expect(properties.find(property => property.name === 'lastmodifieddate')).toMatchObject({
      writable: false,
    })
    const [pipeline] = await crm.pipelines()
    expect(pipeline?.stages.some(stage => stage.isWon)).toBe(true)
    expect(pipeline?.stages.some(stage => stage.isClosed && !stage.isWon)).toBe(true)
  })
})

describe('writing', () => {
  it('creates in batches, each input with its own outcome', async () => {
    const outcome = await crm.batchCreate('contacts', [
      { traceId: 'good', properties: { email: 'good@example.com', firstname: 'Good' } },
      { traceId: 'bad', properties: { email: 'not an address' } },
      { traceId: 'other', properties: { email: 'other@example.com' } },
    ])
    expect(outcome.get('good')).toMatchObject({ ok: { properties: { email: 'good@example.com' } } })
    expect(outcome.get('other')).toMatchObject({
      ok: { properties: { email: 'other@example.com' } },
    })
    expect(outcome.get('bad')).toMatchObject({
      error: { message: expect.any(String), code: expect.any(String) },
    })
  })

  it('updates in batches although HubSpot refuses a batch for one record', async () => {
    const [first, second] = (await simulator.control.portal().list('contacts', 2)).map(
      contact => contact.id,
    )
    const outcome = await crm.batchUpdate('contacts', [
      { id: present(first), properties: { firstname: 'Updated' } },
      { id: present(second), properties: { no_such_property: 'x' } },
      { id: '999999999999', properties: { firstname: 'Nobody' } },
    ])
    expect(outcome.get(present(first))).toMatchObject({ ok: { id: first } })
    expect(outcome.get(present(second))).toMatchObject({
      error: { correlationId: expect.any(String) },
    })
    expect(outcome.get('999999999999')).toHaveProperty('error')
    expect(
      (await simulator.control.portal().get('contacts', present(first))).properties.firstname,
    ).toBe('Updated')
  })

  it('creates one, and says which contact has the address of another', async () => {
    const contact = (traceId: string) =>
      crm.batchCreate('contacts', [{ traceId, properties: { email: 'one@example.com' } }])
    const first = (await contact('first')).get('first')
    const id = first && 'ok' in first ? first.ok.id : ''
    expect(id).toMatch(/^\d+$/)
    const second = (await contact('second')).get('second')
    expect(second).toMatchObject({ error: { category: 'CONFLICT' } })
    expect(second && 'error' in second ? second.error.message : '').toContain(id)
  })

  it('finds no record that HubSpot archived', async () => {
    const { id } = await simulator.control
      .portal()
      .create('contacts', { email: 'archived@example.com' })
    await simulator.control.portal().archive('contacts', id)
    expect(await crm.batchRead('contacts', [id], ['email'])).toEqual({ results: [], missing: [id] })
  })

  it('does not repeat a create whose answer got lost', async () => {
    await simulator.control.inject({
      path: '/contacts/batch/create',
      method: 'POST',
      action: { kind: 'reset', afterWork: true },
    })
    expect(
      await failed(
        crm.batchCreate('contacts', [
          { traceId: 'lost', properties: { email: 'lost@example.com' } },
        ]),
      ),
    ).toMatchObject({ kind: 'transient' })
    expect(
      await simulator.control.portal().find('contacts', 'email', 'lost@example.com'),
    ).toHaveLength(1)
  })
})

describe('trouble', () => {
  it.each([
    ['423', { kind: 'status', status: 500 }],
    ['502 of a proxy', { kind: 'html', status: 502 }],
    ['a cut connection', { kind: 'reset' }],
    ['half an answer', { kind: 'truncate' }],
    ['broken JSON', { kind: 'malformed' }],
  ] as const)('reads on after %s', async (_name, action) => {
    await simulator.control.inject({ path: '/contacts', times: 2, action })
    expect((await crm.listPage('contacts', { limit: 5, properties: [] })).results).toHaveLength(5)
    expect((await simulator.control.calls({ path: '/contacts' })).length).toBe(3)
  })

  it('gives up in the end, and says what it was', async () => {
    await simulator.control.inject({
      path: '/contacts',
      times: null,
      action: { kind: 'status', status: 503 },
    })
    expect(await failed(crm.listPage('contacts', { properties: [] }))).toMatchObject({
      kind: 'transient',
      status: 503,
    })
    expect((await simulator.control.calls({ path: '/contacts' })).length).toBe(4)
  })

  it('refreshes once after a 401, and not again', async () => {
    await simulator.control.expireAccessTokens()
    expect((await crm.listPage('contacts', { limit: 1, properties: [] })).results).toHaveLength(1)
    expect((await simulator.control.stats()).tokenCalls.refresh_token).toBe(1)
    await simulator.control.inject({
      path: '/contacts',
      times: null,
      action: { kind: 'status', status: 401 },
    })
    expect(await failed(crm.listPage('contacts', { properties: [] }))).toMatchObject({
      kind: 'unauthorized',
    })
    expect(
      (await simulator.control.calls({ path: '/contacts' })).filter(call => call.status === 401)
        .length,
    ).toBeLessThanOrEqual(3)
  })

  it('waits out a 429 for as long as HubSpot says, and holds everybody else of that portal back', async () => {
    await simulator.control.inject({
      path: '/contacts',
      action: {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '1' },
        body: {
          status: 'error',
          errorType: 'RATE_LIMIT',
          policyName: 'TEN_SECONDLY_ROLLING',
          message: 'You have reached your ten_secondly_rolling limit.',
        },
      },
    })
    const [list] = await Promise.all([
      crm.listPage('contacts', { limit: 1, properties: [] }),
      crm.listPage('deals', { limit: 1, properties: [] }),
    ])
    expect(list.results).toHaveLength(1)
    const calls = await simulator.control.calls({ path: '/contacts' })
    expect(calls.map(call => call.status)).toEqual([429, 200])
    expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(1000)
  })

  it('follows no cursor that stands still', async () => {
    const answer = { results: [], paging: { next: { after: '7' } } }
    await simulator.control.inject({
      path: '/contacts',
      times: null,
      action: { kind: 'status', status: 200, body: answer },
    })
    expect(await failed(crm.listPage('contacts', { after: '7', properties: [] }))).toMatchObject({
      kind: 'transient',
      category: 'CURSOR_STANDS_STILL',
    })
  })
})
