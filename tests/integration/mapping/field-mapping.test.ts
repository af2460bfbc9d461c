import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FieldMapping } from '#shared/contracts/mapping'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from '../records/routes'
import { aUser } from '../../support/users'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let stranger: CallAs
const base = '/api/v1/integrations/hubspot'
const password = 'a long enough password'
const changes: { reread: boolean }[] = []

beforeAll(async () => {
  bench = await startSyncBench({
    writeBack: false,
    triggers: { mappingChanged: async (_, change) => void changes.push(change) },
  })
  await aUser(bench.services.database.collections, {
    partnerName: 'Stranger',
    email: 'stranger@example.test',
    password,
    role: 'admin',
  })
  http = await mountRoutes(bench.services, recordRoutes)
  call = await http.as('northwind@example.test', password)
  stranger = await http.as('stranger@example.test', password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})
beforeEach(async () => {
  await bench.collections.deals.deleteMany({})
  changes.length = 0
})

describe('the field mapping', () => {
  const fields = async () => (await call<FieldMapping>('GET', `${base}/field-mapping`)).body.fields
  it('has sensible defaults, for partners who are not connected too', async () => {
    expect(await fields()).toContainEqual({
      object: 'lead',
      field: 'email',
      property: 'email',
      direction: 'both',
      policy: 'hubspot_wins',
    })
    expect((await stranger<FieldMapping>('GET', `${base}/field-mapping`)).body.fields).toHaveLength(
      11,
    )
    expect((await stranger('PUT', `${base}/field-mapping`, { fields: [] })).status).toBe(409)
  })

  it('refuses properties that do not exist, cannot be written or hold something else', async () => {
    const entry = {
      object: 'lead',
      field: 'firstName',
      property: 'firstname',
      direction: 'both',
      policy: 'hubspot_wins',
    }
    for (const [wrong, path] of [
      [[{ ...entry, property: 'no_such_property' }], 'fields.0.property'],
      [[{ ...entry, property: '__proto__' }], 'fields.0.property'],
      [[{ ...entry, property: 'constructor' }], 'fields.0.property'],
      [[{ ...entry, property: 'createdate' }], 'fields.0.property'],
      [[{ ...entry, field: 'amount' }], 'fields.0.field'],
      [[{ ...entry, object: 'deal', field: 'amount', property: 'dealname' }], 'fields.0.property'],
      [[{ ...entry, object: 'deal', field: 'name', property: 'dealstage' }], 'fields.0.property'],
      [[entry, { ...entry, property: 'lastname' }], 'fields.1.field'],
      [[entry, { ...entry, field: 'lastName' }], 'fields.1.property'],
      [[{ ...entry, direction: 'sideways' }], 'fields.0.direction'],
      [[{ ...entry, type: 'string' }], 'fields.0'],
    ] as [object[], string][]) {
      const answer = await call<{ data: { issues: { path: string }[] } }>(
        'PUT',
        `${base}/field-mapping`,
        { fields: wrong },
      )
      expect([path, answer.status, answer.body.data?.issues[0]?.path]).toEqual([path, 422, path])
    }
    expect(await fields()).toHaveLength(11)
  })

  it('takes a property that is only read when it only comes in, and asks for a new read', async () => {
    const wanted = [
      {
        object: 'lead',
        field: 'email',
        property: 'email',
        direction: 'both',
        policy: 'latest_wins',
      },
      {
        object: 'lead',
        field: 'company',
        property: 'city',
        direction: 'in',
        policy: 'hubspot_wins',
      },
    ]
    await bench.portal.setProperty('contacts', {
      name: 'city',
      label: 'City',
      type: 'string',
      fieldType: 'text',
    })
    const answer = await call<FieldMapping>('PUT', `${base}/field-mapping`, { fields: wanted })
    expect([answer.status, answer.body.fields]).toEqual([200, wanted])
    expect(changes).toEqual([{ reread: true }])
    expect(
      await bench.services.mapping.propertiesToRead(bench.partner.partnerId, 'contacts'),
    ).toEqual(expect.arrayContaining(['email', 'city', 'hs_merged_object_ids']))
  })
})

describe('a field that only comes in', () => {
  const refusal = { code: 'field_not_editable', issues: [{ path: 'lifecycleStage' }] }
  it('is refused in a new record and in an edit, and says which field and why', async () => {
    const { body: lead } = await stranger<{ id: string }>('POST', '/api/v1/leads', {
      firstName: 'Ada',
      lifecycleStage: null,
    })
    for (const [method, path, body] of [
      ['POST', '/api/v1/leads', { firstName: 'Bob', lifecycleStage: 'customer' }],
      ['PATCH', `/api/v1/leads/${lead.id}`, { firstName: 'Eve', lifecycleStage: 'customer' }],
      ['PATCH', `/api/v1/leads/${lead.id}`, { lifecycleStage: null }],
    ] as const) {
      const answer = await stranger<{ message: string; data: object }>(method, path, body)
      expect([answer.status, answer.body.data]).toMatchObject([422, refusal])
      expect(answer.body.message).toContain('lifecycleStage')
    }
    const stored = await stranger<{ items: object[] }>('GET', '/api/v1/leads')
    expect(stored.body.items).toMatchObject([{ firstName: 'Ada', lifecycleStage: null }])
  })

  it('of a deal is refused alike, and taken once it goes both ways', async () => {
    const before = (await call<FieldMapping>('GET', `${base}/field-mapping`)).body
    const mapped = (direction: string) =>
      call('PUT', `${base}/field-mapping`, {
        fields: [
          { object: 'deal', field: 'amount', property: 'amount', direction, policy: 'local_wins' },
        ],
      })
    await mapped('in')
    const create = () => call('POST', '/api/v1/deals', { name: 'Big', amount: '5' })
    expect((await create()).status).toBe(422)
    await mapped('both')
    expect((await create()).status).toBe(201)
    await call('PUT', `${base}/field-mapping`, before)
  })
})

describe('what HubSpot shows by a label', () => {
  it('is taken by label or value: a lifecycle stage, built in or the account’s own', async () => {
    await bench.portal.setProperty('contacts', {
      name: 'lifecyclestage',
      options: [
        ['lead', 'Lead'],
        ['customer', 'Customer'],
        ['31415926', 'Trial user'],
      ].map(([value = '', label = ''], displayOrder) => ({
        value,
        label,
        displayOrder,
        hidden: false,
        description: '',
      })),
    })
    const { fields } = (await call<FieldMapping>('GET', `${base}/field-mapping`)).body
    const both = [
      ...fields.filter(({ field }) => field !== 'lifecycleStage'),
      {
        object: 'lead',
        field: 'lifecycleStage',
        property: 'lifecyclestage',
        direction: 'both',
        policy: 'hubspot_wins',
      },
    ]
    expect((await call('PUT', `${base}/field-mapping`, { fields: both })).status).toBe(200)

    const made = await call<{ id: string; lifecycleStage: string }>('POST', '/api/v1/leads', {
      firstName: 'Grace',
      lifecycleStage: 'Trial user',
    })
    expect([made.status, made.body.lifecycleStage]).toEqual([201, '31415926'])
    const taken: (string | null)[] = []
    for (const lifecycleStage of ['Customer', 'lead', ' trial USER ', 'none of these', null]) {
      const path = `/api/v1/leads/${made.body.id}`
      taken.push(
        (await call<typeof made.body>('PATCH', path, { lifecycleStage })).body.lifecycleStage,
      )
    }
    expect(taken).toEqual(['customer', 'lead', '31415926', 'none of these', null])
  })
})
