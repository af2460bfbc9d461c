import { ObjectId } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { Lead, LeadList } from '#shared/contracts/leads'
import type { Operation, OperationResultList, OperationStarted } from '#shared/contracts/operations'
import { useRecordsApi } from './records-api'

const api = useRecordsApi()
const { call, other, lead, anotherPartner } = api

/** Works an operation off, as the worker does. @returns it as it ended */
async function carriedOut(started: OperationStarted, as = call): Promise<Operation> {
  await api.bench.services.operations.execute(new ObjectId(started.operationId))
  return (await as<Operation>('GET', `/api/v1/operations/${started.operationId}`)).body
}

/** As if the process had been killed before it stored a step. */
async function rewind(id: string): Promise<void> {
  await api.bench.collections.operations.updateOne(
    { _id: new ObjectId(id) },
    {
      $set: {
        status: 'running',
        cursor: null,
        finished_at: null,
        'lease.until': new Date(0),
        'counts.done': 0,
        'counts.skipped': 0,
        'counts.failed': 0,
      },
    },
  )
}

describe('a bulk edit', () => {
  it('changes each named lead as an edit of one does, and says what it left alone', async () => {
    const leads = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        lead({ firstName: `Bulk ${index}`, company: index === 3 ? 'Engines' : 'Mills' }),
      ),
    )
    const gone = new ObjectId().toHexString()
    const { status, body } = await call<OperationStarted>('POST', '/api/v1/leads/bulk', {
      ids: [...leads.map(one => one.id), gone, leads[0]?.id],
      patch: { company: 'Engines' },
    })
    expect(status).toBe(202)
    expect((await call('GET', `/api/v1/operations/${body.operationId}`)).body).toMatchObject({
      kind: 'bulk_edit',
      status: 'queued',
      counts: { total: 5, done: 0, failed: 0, skipped: 0 },
    })
    expect(await carriedOut(body)).toMatchObject({
      status: 'succeeded',
      counts: { total: 5, done: 3, failed: 0, skipped: 2 },
      undoneBy: null,
      by: { email: 'northwind@example.test' },
    })
    for (const { id } of leads) {
      expect((await call<Lead>('GET', `/api/v1/leads/${id}`)).body.company).toBe('Engines')
      const stored = await api.bench.collections.leads.findOne({ _id: new ObjectId(id) })
      expect(stored?.dirty).toBe(true)
    }
    const results = await call<OperationResultList>(
      'GET',
      `/api/v1/operations/${body.operationId}/results`,
    )
    expect(
      results.body.items.map(({ recordId, outcome, why }) => [recordId, outcome, why]),
    ).toEqual([
      [leads[3]?.id, 'skipped', 'It has these values already.'],
      [gone, 'skipped', 'It does not exist any more.'],
    ])
    expect((await other('GET', `/api/v1/operations/${body.operationId}`)).status).toBe(404)
  })

  it('of a filter changes all that it asks for, and after a kill nothing twice', async () => {
    const mine = await anotherPartner('Bulk')
    for (let index = 0; index < 230; index++)
      await mine('POST', '/api/v1/leads', {
        firstName: `n${index}`,
        company: index % 10 === 0 ? 'Other' : 'Mills',
      })
    const { body } = await mine<OperationStarted>('POST', '/api/v1/leads/bulk', {
      filter: { q: 'mills', sort: 'name' },
      patch: { jobTitle: 'Miller' },
    })
    const first = await carriedOut(body, mine)
    expect(first).toMatchObject({ status: 'succeeded', counts: { total: 207, done: 207 } })
    await rewind(body.operationId)
    expect(await carriedOut(body, mine)).toMatchObject({ counts: first.counts })
    const { collections } = api.bench
    const cause = new ObjectId(body.operationId)
    const changed = await collections.leads.find({ 'history.cause': cause }).toArray()
    expect(changed).toHaveLength(207)
    expect(
      changed.every(one => one.history?.filter(entry => entry.cause?.equals(cause)).length === 1),
    ).toBe(true)
    const { body: left } = await mine<LeadList>('GET', '/api/v1/leads?q=other')
    expect(left.items.every(one => one.jobTitle === null)).toBe(true)
  })

  it('says for each lead why it was refused', async () => {
    const leads = [await lead({ firstName: 'One' }), await lead({ firstName: 'Two' })]
    const { body } = await call<OperationStarted>('POST', '/api/v1/leads/bulk', {
      ids: leads.map(one => one.id),
      patch: { email: 'both@example.com' },
    })
    expect(await carriedOut(body)).toMatchObject({ counts: { total: 2, done: 1, failed: 1 } })
    const { body: results } = await call<OperationResultList>(
      'GET',
      `/api/v1/operations/${body.operationId}/results?outcome=failed`,
    )
    expect(results).toMatchObject({ total: 1, items: [{ outcome: 'failed' }] })
    expect(results.items[0]?.why).toContain('email')
  })

  it('changes fields that an admin added, and is taken back; what no record takes is refused at once', async () => {
    const { body: field } = await call<{ key: string }>('POST', '/api/v1/fields', {
      object: 'lead',
      label: 'Interests',
      type: 'choices',
      options: ['golf', 'tennis'].map(value => ({ value, label: value })),
    })
    const { id } = await lead({ firstName: 'Own', fields: { [field.key]: ['golf'] } })
    const bulk = (fields: object) =>
      call<OperationStarted>('POST', '/api/v1/leads/bulk', { ids: [id], patch: { fields } })
    const started = await bulk({ [field.key]: ['golf', 'tennis'] })
    expect(started.status).toBe(202)
    await carriedOut(started.body)
    const own = async () => (await call<Lead>('GET', `/api/v1/leads/${id}`)).body.fields[field.key]
    expect(await own()).toEqual(['golf', 'tennis'])
    const undo = await call<OperationStarted>(
      'POST',
      `/api/v1/operations/${started.body.operationId}/undo`,
      {},
    )
    await carriedOut(undo.body)
    expect(await own()).toEqual(['golf'])
    expect((await bulk({ nobody_added_this: 'x' })).status).toBe(422)
    expect((await bulk({ [field.key]: ['chess'] })).status).toBe(422)
    const deals = await call('POST', '/api/v1/deals/bulk', {
      ids: [new ObjectId().toHexString()],
      patch: { fields: { nobody_added_this: 'x' } },
    })
    expect(deals.status).toBe(422)
  })

  it('takes ids or a filter, and a patch', async () => {
    const id = new ObjectId().toHexString()
    for (const wrong of [
      {},
      { ids: [id] },
      { ids: [], patch: { company: 'x' } },
      { ids: Array.from({ length: 1001 }, () => id), patch: { company: 'x' } },
      { ids: [id], filter: {}, patch: { company: 'x' } },
      { filter: { unknown: 'x' }, patch: { company: 'x' } },
      { ids: [id], patch: { revision: 1 } },
      { ids: [id], patch: {} },
    ])
      expect((await call('POST', '/api/v1/leads/bulk', wrong)).status, JSON.stringify(wrong)).toBe(
        422,
      )
    expect(
      (await call('POST', '/api/v1/deals/bulk', { filter: {}, patch: { stage: 'won' } })).status,
    ).toBe(202)
  })
})
