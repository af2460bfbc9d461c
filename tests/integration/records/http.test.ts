import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deal, DealList, Lead, LeadList } from '#shared/contracts/leads'
import { mountRoutes, type CallAs } from '../../support/mount-routes'
import { startSyncBench, type SyncBench } from '../../support/sync'
import { recordRoutes } from './routes'

let bench: SyncBench
let http: Awaited<ReturnType<typeof mountRoutes>>
let call: CallAs
let other: CallAs
const password = 'a long enough password'

beforeAll(async () => {
  bench = await startSyncBench({ writeBack: false })
  await bench.services.accounts.createUser({
    partnerName: 'Contoso',
    email: 'contoso@example.test',
    password,
    role: 'member',
  })
  http = await mountRoutes(bench.services, recordRoutes)
  call = await http.as('northwind@example.test', password)
  other = await http.as('contoso@example.test', password)
})
afterAll(async () => {
  await http.close()
  await bench.stop()
})

const lead = async (values: object) => (await call<Lead>('POST', '/api/v1/leads', values)).body

describe('leads', () => {
  it('are created, read, changed and refused when the revision is stale', async () => {
    const created = await call<Lead>('POST', '/api/v1/leads', {
      email: ' Ada@Example.com ',
      firstName: 'Ada',
      company: '',
    })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: null,
      company: null,
      hubspotId: null,
      revision: 0,
      sync: { state: 'unlinked', error: null },
    })
    const path = `/api/v1/leads/${created.body.id}`
    expect((await call('GET', path)).body).toEqual(created.body)
    const patched = await call<Lead>('PATCH', path, { lastName: 'Lovelace', revision: 0 })
    expect([patched.status, patched.body.lastName, patched.body.revision]).toEqual([
      200,
      'Lovelace',
      1,
    ])
    const stale = await call<{ data: { code: string; current: Lead } }>('PATCH', path, {
      lastName: 'Byron',
      revision: 0,
    })
    expect([stale.status, stale.body.data.code, stale.body.data.current]).toEqual([
      409,
      'stale_revision',
      patched.body,
    ])
    expect((await call<Lead>('PATCH', path, { lastName: 'Lovelace' })).body.revision).toBe(1)
  })

  it('have one e-mail address each, also when two requests come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        call<{ data: { code: string } }>('POST', '/api/v1/leads', { email: 'twice@example.com' }),
      ),
    )
    expect(answers.map(answer => answer.status).sort()).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 422),
    ])
    const { id } = await lead({ email: 'third@example.com' })
    expect(
      (await call('PATCH', `/api/v1/leads/${id}`, { email: 'Twice@example.com' })).status,
    ).toBe(422)
    expect((await other('POST', '/api/v1/leads', { email: 'twice@example.com' })).status).toBe(201)
  })

  it('lose no edit when many come at once', async () => {
    const { id } = await lead({ firstName: 'Many' })
    const fields = ['lastName', 'phone', 'company', 'jobTitle'] as const
    await Promise.all(
      fields.map(field => call('PATCH', `/api/v1/leads/${id}`, { [field]: `new ${field}` })),
    )
    const { body } = await call<Lead>('GET', `/api/v1/leads/${id}`)
    expect(fields.map(field => body[field])).toEqual(fields.map(field => `new ${field}`))
    expect(body.revision).toBe(4)
    const crowd = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        call('PATCH', `/api/v1/leads/${id}`, { lastName: `Name ${index}` }),
      ),
    )
    expect([...new Set(crowd.map(answer => answer.status))]).toEqual([200])
    expect((await call<Lead>('GET', `/api/v1/leads/${id}`)).body.revision).toBe(44)
  })

  it('are searched for with control characters in the words as without', async () => {
    await lead({ firstName: 'Control', lastName: 'Character' })
    for (const q of ['Control%00Character', '%00', 'Contr%00', 'Control%1FCharacter%7F'])
      expect((await call('GET', `/api/v1/leads?q=${q}`)).status, q).toBe(200)
    expect(
      (await call<LeadList>('GET', '/api/v1/leads?q=Control%00Character')).body.items,
    ).toHaveLength(1)
  })

  it('of another partner do not exist', async () => {
    const { id } = await lead({ firstName: 'Mine' })
    for (const unknown of [id, '000000000000000000000000', 'x', '..%2f..', '%24ne']) {
      expect((await other('GET', `/api/v1/leads/${unknown}`)).status).toBe(404)
      expect(
        (await other('PATCH', `/api/v1/leads/${unknown}`, { firstName: 'Stolen' })).status,
      ).toBe(404)
    }
    expect((await call<Lead>('GET', `/api/v1/leads/${id}`)).body.firstName).toBe('Mine')
  })

  it('are found by the beginnings of words, whatever signs they hold', async () => {
    await lead({
      firstName: 'Zoë',
      lastName: 'Müller-Lüdenscheidt',
      email: 'zoe.m@zulu-mail.example',
      company: 'Zulu (Holding) $ave.*',
    })
    for (const q of [
      'zoe',
      'ZOË',
      'mull lud',
      'zoe.m@zulu',
      'zulu-mail.ex',
      '$ave.*',
      'holding zoe',
      'ludensch',
    ]) {
      const { body } = await call<LeadList>('GET', `/api/v1/leads?q=${encodeURIComponent(q)}`)
      expect([q, body.items.map(item => item.firstName), body.total]).toEqual([q, ['Zoë'], 1])
    }
    for (const q of ['.*', '^z', '[a-z]', 'zoe)(', '\\', 'oe', 'zoe nobody']) {
      const { status, body } = await call<LeadList>(
        'GET',
        `/api/v1/leads?q=${encodeURIComponent(q)}`,
      )
      expect([
        q,
        status,
        body.items.some(item => item.firstName === 'Zoë') && !['.*', '\\', 'zoe)('].includes(q),
      ]).toEqual([q, 200, false])
    }
  })
})

describe('lists', () => {
  it('page through everything once, in every order, also with equal and missing values', async () => {
    const { partnerId } = await bench.services.accounts.createUser({
      partnerName: 'Pages',
      email: 'pages@example.test',
      password,
      role: 'member',
    })
    expect(partnerId).toBeTruthy()
    const mine = await http.as('pages@example.test', password)
    const names = [
      'a',
      'a',
      null,
      'b',
      null,
      'a',
      'c'.repeat(200),
      'ü'.repeat(200),
      'ü'.repeat(200),
    ]
    for (const [index, lastName] of names.entries())
      await mine('POST', '/api/v1/leads', { firstName: `n${index}`, lastName })
    for (const sort of [
      '-updatedAt',
      'updatedAt',
      'lastName',
      '-lastName',
      'email',
      '-email',
      'company',
      '-company',
    ]) {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const { status, body }: { status: number; body: LeadList } = await mine<LeadList>(
          'GET',
          `/api/v1/leads?limit=2&sort=${sort}${cursor ? `&cursor=${cursor}` : ''}`,
        )
        expect([sort, status, body.total]).toEqual([sort, 200, names.length])
        seen.push(...body.items.map(item => item.firstName ?? ''))
        cursor = body.nextCursor
      } while (cursor !== null)
      expect([sort, [...seen].sort()]).toEqual([sort, names.map((_, index) => `n${index}`)])
    }
  })

  it('refuse a cursor of another partner, list, order or of nobody', async () => {
    for (let index = 0; index < 3; index++) await lead({ firstName: `Cursor ${index}` })
    const { body } = await call<LeadList>('GET', '/api/v1/leads?limit=1')
    const cursor = body.nextCursor ?? ''
    expect((await call('GET', `/api/v1/leads?limit=2&cursor=${cursor}`)).status).toBe(200)
    expect((await other('GET', `/api/v1/leads?limit=1&cursor=${cursor}`)).status).toBe(422)
    expect((await call('GET', `/api/v1/deals?limit=1&cursor=${cursor}`)).status).toBe(422)
    expect((await call('GET', `/api/v1/leads?sort=lastName&cursor=${cursor}`)).status).toBe(422)
    // Its first letter is of a tag that may begin with any.
    const changed = `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`
    for (const wrong of ['x', cursor.slice(0, -1), changed, 'AAAA'.repeat(30)])
      expect((await call('GET', `/api/v1/leads?cursor=${wrong}`)).status).toBe(422)
  })
})

describe('deals', () => {
  it("are created with leads of one's own, and with nobody else's", async () => {
    const mine = await lead({ firstName: 'Deal' })
    const theirs = (await other<Lead>('POST', '/api/v1/leads', { firstName: 'Theirs' })).body
    const created = await call<Deal>('POST', '/api/v1/deals', {
      name: 'Big',
      amount: '1200.50',
      currency: 'EUR',
      stage: 'new',
      closeDate: '2026-12-31',
      leadIds: [mine.id],
    })
    expect(created.status).toBe(201)
    expect(created.body).toMatchObject({
      name: 'Big',
      amount: '1200.50',
      stage: 'new',
      closeDate: '2026-12-31',
      leadIds: [mine.id],
      hubspotId: null,
      hubspotStageId: null,
    })
    expect((await call('POST', '/api/v1/deals', { name: 'X', leadIds: [theirs.id] })).status).toBe(
      422,
    )
    expect(
      (await call('PATCH', `/api/v1/deals/${created.body.id}`, { leadIds: [mine.id, theirs.id] }))
        .status,
    ).toBe(422)
    expect(
      (await other('PATCH', `/api/v1/deals/${created.body.id}`, { name: 'Stolen' })).status,
    ).toBe(404)
    expect(
      (await call<DealList>('GET', `/api/v1/deals?leadId=${mine.id}`)).body.items.map(
        deal => deal.name,
      ),
    ).toEqual(['Big'])
    expect(
      (await call<DealList>('GET', '/api/v1/deals?stage=new&syncState=unlinked')).body.items.map(
        deal => deal.name,
      ),
    ).toEqual(['Big'])
    expect((await call<DealList>('GET', '/api/v1/deals?stage=unmapped')).body.items).toEqual([])
    const patched = await call<Deal>('PATCH', `/api/v1/deals/${created.body.id}`, {
      stage: 'won',
      leadIds: [],
      amount: null,
      revision: 0,
    })
    expect(patched.body).toMatchObject({ stage: 'won', leadIds: [], amount: null, revision: 1 })
  })
})

describe('input of any shape (P8)', () => {
  const operators: unknown[] = [
    { $ne: '' },
    { $gt: '' },
    { $regex: '.*' },
    { $where: 'sleep(5000)' },
    ['x'],
    7,
    true,
    { toString: 'x' },
  ]
  const serverFields = [
    '_id',
    'id',
    'partner_id',
    'partnerId',
    'hubspotId',
    'hubspot_id',
    'portal_id',
    'sync',
    'sync.state',
    'dirty',
    'createdAt',
    'updated_at',
    'version',
    'base',
    'remote',
    'lease',
    'search',
    'values',
    'values.email',
    '$set',
    '__proto__',
    'constructor',
  ]

  it('is refused in every field of a lead and a deal, and changes nothing', async () => {
    const { id } = await lead({ firstName: 'Before', email: 'before@example.com' })
    const deal = (await call<Deal>('POST', '/api/v1/deals', { name: 'Before' })).body
    const before = await bench.collections.leads.find().sort({ _id: 1 }).toArray()
    for (const value of operators) {
      for (const field of [
        'email',
        'firstName',
        'lastName',
        'phone',
        'company',
        'jobTitle',
        'lifecycleStage',
        'revision',
      ]) {
        if (field === 'revision' && value === 7) continue
        expect([
          field,
          value,
          (await call('PATCH', `/api/v1/leads/${id}`, { [field]: value })).status,
        ]).toEqual([field, value, 422])
      }
      for (const field of ['name', 'amount', 'currency', 'stage', 'closeDate', 'leadIds']) {
        expect([
          field,
          value,
          (await call('PATCH', `/api/v1/deals/${deal.id}`, { [field]: value })).status,
        ]).toEqual([field, value, 422])
      }
    }
    for (const field of serverFields) {
      const body = `{"firstName":"After","${field}":"x"}`
      expect([field, (await call('PATCH', `/api/v1/leads/${id}`, body)).status]).toEqual([
        field,
        422,
      ])
      expect([field, (await call('POST', '/api/v1/leads', body)).status]).toEqual([field, 422])
    }
    expect(await bench.collections.leads.find().sort({ _id: 1 }).toArray()).toEqual(before)
  })

  it('is refused in queries', async () => {
    for (const query of [
      'q[$ne]=x',
      'q=a&q=b',
      'limit=0',
      'limit=101',
      'limit=x',
      'limit=1e1',
      'limit=0x10',
      'limit=%205',
      'sort=values.email',
      'sort=__proto__',
      'syncState=$ne',
      'unknown=1',
      'cursor=%00',
    ]) {
      expect([query, (await call('GET', `/api/v1/leads?${query}`)).status]).toEqual([query, 422])
    }
    for (const query of ['leadId[$ne]=x', 'leadId=x', 'stage=$gt', 'stage[]=new'])
      expect([query, (await call('GET', `/api/v1/deals?${query}`)).status]).toEqual([query, 422])
    for (const q of ['%00', '\u{1F600}', 'a'.repeat(200), '\ud800'.toWellFormed(), '{"$ne":1}'])
      expect((await call('GET', `/api/v1/leads?q=${encodeURIComponent(q)}`)).status).toBe(200)
  })
})
