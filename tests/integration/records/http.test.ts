import { describe, expect, it } from 'vitest'
import type { Deal, DealList, Lead } from '#shared/contracts/leads'
import { useRecordsApi } from './records-api'

const { call, other, lead } = useRecordsApi()

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
