import { ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Explain } from '#shared/contracts/insight'
import type { Field, FieldList, FieldLoss } from '#shared/contracts/fields'
import type { Lead } from '#shared/contracts/leads'
import type { FieldMapping } from '#shared/contracts/mapping'
import type { MappingVersions } from '#shared/contracts/mapping-versions'
import { allRoutes } from '../../support/all-routes'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let stranger: CallAs
const fields: Record<string, Field> = {}
const base = '/api/v1/integrations/hubspot'
const password = 'a long enough password'

const options = (...values: string[]) =>
  values.map((value, displayOrder) => ({
    value,
    label: `${value.toUpperCase()} label`,
    displayOrder,
    hidden: false,
    description: '',
  }))

async function add(body: object, status = 201): Promise<Field> {
  const answer = await call<Field>('POST', '/api/v1/fields', body)
  expect([answer.status, answer.body]).toEqual([status, expect.anything()])
  return answer.body
}

beforeAll(async () => {
  bench = await startSyncBench()
  await bench.services.accounts.createUser({
    partnerName: 'Stranger',
    email: 'stranger@example.test',
    password,
    role: 'admin',
  })
  http = await mountRoutes(bench.services, await allRoutes())
  call = await http.as('northwind@example.test', password)
  stranger = await http.as('stranger@example.test', password)
  const properties = [
    { name: 'budget', label: 'Budget', type: 'number', fieldType: 'number' },
    { name: 'renewal', label: 'Renewal', type: 'date', fieldType: 'date' },
    { name: 'called_at', label: 'Called at', type: 'datetime', fieldType: 'date' },
    { name: 'vip', label: 'VIP', type: 'bool', fieldType: 'booleancheckbox' },
    { name: 'segment', label: 'Segment', type: 'enumeration', fieldType: 'select' },
    { name: 'interests', label: 'Interests', type: 'enumeration', fieldType: 'checkbox' },
    { name: 'remark', label: 'Remark', type: 'string', fieldType: 'textarea' },
  ] as const
  for (const property of properties)
    await bench.portal.setProperty('contacts', {
      ...property,
      options: property.type === 'enumeration' ? options('a', 'b', 'c') : [],
    })
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

describe('own fields', () => {
  it('take type, options and direction from a HubSpot property', async () => {
    for (const [property, type] of [
      ['budget', 'number'],
      ['renewal', 'date'],
      ['called_at', 'datetime'],
      ['vip', 'boolean'],
      ['segment', 'choice'],
      ['interests', 'choices'],
      ['remark', 'text'],
    ] as const) {
      const field = await add({ object: 'lead', label: `My ${property}!`, property })
      expect(field).toMatchObject({
        object: 'lead',
        key: `my_${property}`,
        label: `My ${property}!`,
        type,
        property,
        direction: 'both',
        policy: 'hubspot_wins',
      })
      fields[property] = field
    }
    expect(fields.segment?.options).toEqual([
      { value: 'a', label: 'A label' },
      { value: 'b', label: 'B label' },
      { value: 'c', label: 'C label' },
    ])
    const { body } = await call<FieldMapping>('GET', `${base}/field-mapping`)
    expect(body.fields).toContainEqual({
      object: 'lead',
      field: 'my_budget',
      property: 'budget',
      direction: 'both',
      policy: 'hubspot_wins',
    })
  })

  it('are refused where they cannot be', async () => {
    for (const body of [
      { object: 'lead', label: 'Nothing' },
      { object: 'lead', type: 'text' },
      { object: 'lead', label: 'X', type: 'colour' },
      { object: 'lead', label: 'X', property: 'no_such_property' },
      { object: 'lead', label: 'X', property: 'budget' },
      { object: 'lead', label: 'X', property: 'email' },
      { object: 'deal', label: 'X', property: 'dealstage' },
      { object: 'lead', label: 'X', property: 'city', type: 'number' },
      { object: 'company', label: 'X', type: 'text' },
    ])
      await add(body, 422)
    expect((await stranger('GET', '/api/v1/fields')).body).toMatchObject({ items: [], deleted: [] })
    const id = fields.budget?.id ?? ''
    expect((await stranger('PATCH', `/api/v1/fields/${id}`, { label: 'Mine' })).status).toBe(404)
    expect((await stranger('DELETE', `/api/v1/fields/${id}`)).status).toBe(404)
  })

  it('keep their key, and get one of their own', async () => {
    const one = await add({ object: 'lead', label: 'E-Mail', type: 'text' })
    const two = await add({ object: 'lead', label: 'e mail', type: 'text' })
    const company = await add({ object: 'lead', label: 'Company', type: 'text' })
    expect([one.key, two.key, company.key]).toEqual(['e_mail', 'e_mail_2', 'company_2'])
    const patched = await call<Field>('PATCH', `/api/v1/fields/${one.id}`, { label: 'Other' })
    expect([patched.status, patched.body.label, patched.body.key]).toEqual([200, 'Other', 'e_mail'])
    for (const { id } of [one, two, company])
      expect((await call('DELETE', `/api/v1/fields/${id}`)).status).toBe(200)
  })

  it('travel both ways like every other field', async () => {
    const { id: hubspotId } = await bench.portal.create('contacts', {
      email: 'own@example.com',
      budget: '1200.50',
      renewal: '2026-12-31',
      called_at: '2026-11-24T10:00:00.000Z',
      vip: 'true',
      segment: 'b',
      interests: 'a;c',
      remark: 'Hello',
    })
    await bench.run('initial')
    const { body: found } = await call<{ items: Lead[] }>('GET', '/api/v1/leads?q=own@example.com')
    const [lead] = found.items
    expect(lead?.fields).toMatchObject({
      my_budget: '1200.50',
      my_renewal: '2026-12-31',
      my_called_at: '2026-11-24T10:00:00.000Z',
      my_vip: true,
      my_segment: 'b',
      my_interests: ['a', 'c'],
      my_remark: 'Hello',
    })
    const edited = await call<Lead>('PATCH', `/api/v1/leads/${lead?.id}`, {
      fields: {
        my_budget: '99.90',
        my_renewal: '2027-01-01',
        my_called_at: '2026-11-25T12:00:00+02:00',
        my_vip: false,
        my_segment: 'C label',
        my_interests: ['A label', 'b'],
        my_remark: null,
      },
    })
    expect([edited.status, edited.body.fields]).toEqual([
      200,
      {
        my_budget: '99.90',
        my_renewal: '2027-01-01',
        my_called_at: '2026-11-25T10:00:00.000Z',
        my_vip: false,
        my_segment: 'c',
        my_interests: ['a', 'b'],
        my_remark: null,
      },
    ])
    // Meanwhile HubSpot adds an interest: both sides' choices count.
    await bench.portal.edit('contacts', hubspotId, { interests: 'a;c;b' })
    await bench.run()
    const { properties } = await bench.portal.get('contacts', hubspotId)
    expect(properties).toMatchObject({
      budget: '99.90',
      renewal: '2027-01-01',
      vip: 'false',
      segment: 'c',
    })
    expect(properties.remark ?? '').toBe('')
    expect(Date.parse(properties.called_at ?? '')).toBe(Date.parse('2026-11-25T10:00:00Z'))
    expect(properties.interests?.split(';').sort()).toEqual(['a', 'b'])
    const { body } = await call<Explain>('GET', `${base}/explain?q=${lead?.id}`)
    expect(body.fields.find(one => one.field === 'my_budget')).toMatchObject({
      property: 'budget',
      local: '99.90',
      decision: 'equal',
    })
  })

  it('take only values that fit', async () => {
    for (const [key, value] of [
      ['my_budget', 'many'],
      ['my_budget', true],
      ['my_renewal', '2026-02-30'],
      ['my_called_at', 'soon'],
      ['my_vip', 'maybe'],
      ['my_segment', 'z'],
      ['my_interests', ['a', 'z']],
      ['my_remark', 5],
      ['no_such_field', 'x'],
    ] as const) {
      const answer = await call<{ data: { issues: { path: string }[] } }>('POST', '/api/v1/leads', {
        lastName: 'Refused',
        fields: { [key]: value },
      })
      expect([key, answer.status, answer.body.data?.issues[0]?.path]).toEqual([
        key,
        422,
        `fields.${key}`,
      ])
    }
  })

  it('of new leads reach HubSpot with the lead', async () => {
    const made = await call<Lead>('POST', '/api/v1/leads', {
      email: 'made@example.com',
      fields: { my_budget: 7, my_interests: ['b', 'c'] },
    })
    expect([made.status, made.body.fields.my_budget]).toEqual([201, '7'])
    await bench.run()
    const [contact] = await bench.portal.find('contacts', 'email', 'made@example.com')
    expect(contact?.properties).toMatchObject({ budget: '7', interests: 'b;c' })
  })

  it('sort and filter the list, page by page, those without a value last', async () => {
    for (const [name, budget, segment, interests] of [
      ['Low', '-5.5', 'a', ['a']],
      ['Middle', '10', 'b', ['a', 'b']],
      ['High', '1000', 'a', ['c']],
      ['Twin', '10.00', null, []],
      ['None', null, 'b', ['b']],
    ] as const)
      await call('POST', '/api/v1/leads', {
        lastName: name,
        company: 'Sorted',
        fields: { my_budget: budget, my_segment: segment, my_interests: interests },
      })
    const names = async (query: string, limit = 100) => {
      const found: (string | null)[] = []
      for (let cursor = ''; ;) {
        const { status, body } = await call<{ items: Lead[]; nextCursor: string | null }>(
          'GET',
          `/api/v1/leads?q=sorted&limit=${limit}&${query}${cursor}`,
        )
        if (status !== 200) return status
        found.push(...body.items.map(lead => lead.lastName))
        if (body.nextCursor === null) return found
        cursor = `&cursor=${body.nextCursor}`
      }
    }
    for (const limit of [1, 2, 100]) {
      expect(await names('sort=my_budget', limit)).toEqual([
        'Low',
        'Middle',
        'Twin',
        'High',
        'None',
      ])
      expect(await names('sort=-my_budget', limit)).toEqual([
        'High',
        'Twin',
        'Middle',
        'Low',
        'None',
      ])
    }
    expect(await names('filter[my_budget]=10&sort=lastName')).toEqual(['Middle', 'Twin'])
    expect(await names('filter[my_segment]=A%20label&sort=lastName')).toEqual(['High', 'Low'])
    expect(await names('filter[my_interests]=b&sort=lastName')).toEqual(['Middle', 'None'])
    expect(await names('filter[my_interests]=b&filter[my_segment]=b&sort=my_budget')).toEqual([
      'Middle',
      'None',
    ])
    for (const wrong of [
      'sort=no_such',
      'sort=my_interests',
      'filter[no_such]=1',
      'filter[my_budget]=many',
      'filter[my_budget]=',
      'filter[constructor]=x',
      'my_budget=1',
    ])
      expect([wrong, await names(wrong)]).toEqual([wrong, 422])
    const all = await call<{ items: Lead[]; total: number }>(
      'GET',
      '/api/v1/leads?sort=my_budget&limit=3',
    )
    expect(all.body.items[0]?.lastName).toBe('Low')
    expect(all.body.total).toBe(7)
  })

  it('follow the choices that HubSpot offers, and keep those that records hold', async () => {
    const changed = [
      { ...options('b')[0], label: 'Second label' },
      ...options('d').map(option => ({ ...option, displayOrder: 1 })),
    ]
    await bench.portal.setProperty('contacts', {
      name: 'segment',
      label: 'Segment',
      type: 'enumeration',
      fieldType: 'select',
      options: changed as ReturnType<typeof options>,
    })
    await bench.run()
    const { body } = await call<FieldList>('GET', '/api/v1/fields')
    expect(body.items.find(field => field.key === 'my_segment')?.options).toEqual([
      { value: 'b', label: 'Second label' },
      { value: 'd', label: 'D label' },
      { value: 'a', label: 'A label' },
      { value: 'c', label: 'C label' },
    ])
  })

  it('say what is lost when they are deleted, and come back with their values', async () => {
    const id = fields.budget?.id ?? ''
    const asked = await call<FieldLoss>('DELETE', `/api/v1/fields/${id}?dryRun=true`)
    expect(asked.body).toMatchObject({ records: 6, deleted: false })
    const gone = await call<FieldLoss>('DELETE', `/api/v1/fields/${id}`)
    expect(gone.body).toMatchObject({ records: 6, deleted: true, field: { key: 'my_budget' } })
    expect((await call('DELETE', `/api/v1/fields/${id}`)).status).toBe(404)
    const listed = await call<FieldList>('GET', '/api/v1/fields')
    expect(listed.body.items.map(field => field.key)).not.toContain('my_budget')
    expect(listed.body.deleted.map(field => field.key)).toContain('my_budget')
    const [contact] = await bench.portal.find('contacts', 'email', 'made@example.com')
    await bench.portal.edit('contacts', contact?.id ?? '', { budget: '8', firstname: 'Ida' })
    await bench.run()
    const lead = async () =>
      (await call<{ items: Lead[] }>('GET', '/api/v1/leads?q=made@example.com')).body.items[0]
    expect((await lead())?.firstName).toBe('Ida')
    expect((await lead())?.fields).not.toHaveProperty('my_budget')
    // A field of the same name gets a key of its own meanwhile.
    const other = await add({ object: 'lead', label: 'My budget!', type: 'text' })
    expect(other.key).toBe('my_budget_2')
    const restored = await call<Field>('POST', `/api/v1/fields/${id}/restore`)
    expect([restored.status, restored.body.key, restored.body.property]).toEqual([
      200,
      'my_budget',
      'budget',
    ])
    expect((await lead())?.fields.my_budget).toBe('7')
    await bench.run('reconcile')
    expect((await lead())?.fields.my_budget).toBe('8')
  })

  it('that were deleted for thirty days are gone with their values', async () => {
    const id = fields.remark?.id ?? ''
    await call('DELETE', `/api/v1/fields/${id}`)
    const longAgo = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000)
    await bench.collections.ownFields.updateOne(
      { key: 'my_remark' },
      { $set: { deleted_at: longAgo } },
    )
    expect((await call('POST', `/api/v1/fields/${id}/restore`)).status).toBe(404)
    await bench.services.mapping.ownFields.purge()
    const left = await bench.collections.leads.countDocuments({ 'values.my_remark': 'Hello' })
    expect([left, await bench.collections.ownFields.countDocuments({ key: 'my_remark' })]).toEqual([
      0, 0,
    ])
  })

  it('are a hundred at most for each kind', async () => {
    const { partnerId, signedIn } = bench.partner
    const actor = { kind: 'user' as const, user_id: signedIn.user.id, email: signedIn.user.email }
    for (let index = 0; index < 95; index++)
      await bench.services.mapping.ownFields.create(
        partnerId,
        { object: 'deal', label: `Deal field ${index}`, type: 'text' },
        actor,
      )
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        call('POST', '/api/v1/fields', { object: 'deal', label: `Last ${index}`, type: 'text' }),
      ),
    )
    expect(answers.map(answer => answer.status).sort()).toEqual([
      ...Array<number>(5).fill(201),
      ...Array<number>(3).fill(422),
    ])
  })
})

describe('versions of the mapping', () => {
  it('say who changed what, and can be gone back to', async () => {
    const mapping = async () =>
      (await call<FieldMapping>('GET', `${base}/field-mapping`)).body.fields
    const before = await mapping()
    const changed = before.map(entry =>
      entry.field === 'company'
        ? { ...entry, direction: 'in' as const, policy: 'fill_if_empty' as const }
        : entry,
    )
    expect((await call('PUT', `${base}/field-mapping`, { fields: changed })).status).toBe(200)
    const list = async () =>
      (await call<MappingVersions>('GET', `${base}/mapping-versions`)).body.items
    const [now, last] = await list()
    expect(now).toMatchObject({
      kind: 'fields',
      by: { email: 'northwind@example.test' },
      current: true,
      changes: [
        'The lead field “Company” syncs only from HubSpot instead of both ways.',
        'The lead field “Company” follows “fill if empty” instead of “hubspot wins”.',
      ],
    })
    expect((await list()).at(-1)).toMatchObject({ by: null, changes: [], current: false })
    const path = `${base}/mapping-versions/${last?.id}/restore`
    expect((await stranger('POST', path)).status).toBe(404)
    const restored = await call('POST', path)
    expect([restored.status, restored.body.leftOut]).toEqual([200, []])
    expect(await mapping()).toEqual(before)
    expect((await list())[0]?.current).toBe(true)
  })

  it('stay in step, however many of the other mapping were stored since', async () => {
    const of = async (kind: 'fields' | 'stages') =>
      bench.collections.mappingVersions.countDocuments({ kind })
    const [newest] = await bench.collections.mappingVersions
      .find({ kind: 'fields' })
      .sort({ _id: -1 })
      .limit(1)
      .toArray()
    const at = new Date()
    await bench.collections.mappingVersions.insertMany(
      Array.from({ length: 120 }, () => ({
        _id: new ObjectId(),
        partner_id: newest?.partner_id ?? new ObjectId(),
        kind: 'stages' as const,
        entries: [],
        changes: ['Another stage'],
        by: null,
        at,
      })),
    )
    const before = await of('fields')
    const { body } = await call<FieldMapping>('GET', `${base}/field-mapping`)
    const changed = body.fields.filter(entry => entry.field !== 'phone')
    expect((await call('PUT', `${base}/field-mapping`, { fields: changed })).status).toBe(200)
    // One new version, and not what stood before it as a first one.
    expect(await of('fields')).toBe(before + 1)
  })
})
