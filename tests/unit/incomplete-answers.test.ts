import { describe, expect, it } from 'vitest'
import type { CallHubspot } from '../../server/hubspot/crm-call'
import { createReads } from '../../server/hubspot/crm-reads'

/** The reads over answers given one after the other; the last one is repeated. */
function readsOf(...answers: unknown[]) {
  const asked: string[][] = []
  const call: CallHubspot = request => {
    const { inputs } = request.json as { inputs: { id: string }[] }
    asked.push(inputs.map(input => input.id))
    const body = answers.length > 1 ? answers.shift() : answers[0]
    return Promise.resolve({ data: request.schema?.parse(body), headers: new Headers() } as never)
  }
  return { reads: createReads(call, '2026-09'), asked }
}

const deal = (id: string, ...contacts: string[]) => ({
  from: { id },
  to: contacts.map(toObjectId => ({ toObjectId })),
})
const error = (id: string, subCategory: unknown, category = 'INTERNAL_ERROR') => ({
  status: 'error',
  category,
  subCategory,
  message: 'Something',
  context: { fromObjectId: [id] },
})
const none = 'crm.associations.NO_ASSOCIATIONS_FOUND'
const contact = (id: string) => ({
  id,
  properties: {},
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
})

describe('a read of associations', () => {
  it.each([
    ['as text', none],
    ['as an object', { name: none }],
  ])('takes "no associations" for an answer, %s', async (_, subCategory) => {
    const { reads, asked } = readsOf({
      status: 'COMPLETE',
      results: [deal('1', '7')],
      errors: [error('2', subCategory, 'OBJECT_NOT_FOUND')],
    })
    const found = await reads.associations('deals', 'contacts', ['1', '2'])
    expect([...found]).toEqual([
      ['1', ['7']],
      ['2', []],
    ])
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['an error of another kind', { results: [deal('1', '7')], errors: [error('2', 'other')] }],
    ['another status', { status: 'PROCESSING', results: [deal('1', '7')] }],
    ['an error that names nobody', { results: [deal('1', '7')], errors: [{ message: 'Busy' }] }],
  ])('asks again after %s, for the rest alone', async (_, first) => {
    const { reads, asked } = readsOf(first, { status: 'COMPLETE', results: [deal('2', '8')] })
    const found = await reads.associations('deals', 'contacts', ['1', '2'])
    expect([...found]).toEqual([
      ['1', ['7']],
      ['2', ['8']],
    ])
    expect(asked).toEqual([['1', '2'], ['2']])
  })

  it('leaves out what stays without an answer, and fails nothing', async () => {
    const { reads } = readsOf({ status: 'CANCELED', results: [deal('1', '7')] })
    const found = await reads.associations('deals', 'contacts', ['1', '2'])
    expect([...found]).toEqual([['1', ['7']]])
  })
})

describe('a batch read', () => {
  it('is whole once it says something about each record, whatever its status is', async () => {
    const { reads, asked } = readsOf({
      status: 'PROCESSING',
      results: [contact('1')],
      errors: [{ category: 'OBJECT_NOT_FOUND', message: 'Gone', context: { ids: ['2'] } }],
    })
    const { results, missing } = await reads.batchRead('contacts', ['1', '2'], [])
    expect([results.map(({ id }) => id), missing]).toEqual([['1'], ['2']])
    expect(asked).toHaveLength(1)
  })

  it('of histories is asked again too: what is missing is not taken for a value without one', async () => {
    const timestamp = '2026-01-01T00:00:00.000Z'
    const history = (id: string) => ({
      id,
      propertiesWithHistory: { phone: [{ timestamp, value: '1' }] },
    })
    const { reads, asked } = readsOf(
      {
        status: 'COMPLETE',
        results: [history('1')],
        errors: [{ category: 'RATE_LIMITS', message: 'Busy', context: { ids: ['2'] } }],
      },
      { status: 'COMPLETE', results: [history('2')] },
    )
    expect([...(await reads.changedAt('contacts', ['1', '2'], ['phone'])).keys()]).toEqual([
      '1',
      '2',
    ])
    expect(asked).toEqual([['1', '2'], ['2']])
  })

  it('asks again where HubSpot did not answer for all, and never takes the rest for missing', async () => {
    const busy = { category: 'RATE_LIMITS', message: 'Busy', context: { ids: ['3'] } }
    const gone = { category: 'OBJECT_NOT_FOUND', message: 'Gone', context: { ids: ['4'] } }
    const { reads, asked } = readsOf(
      { status: 'PENDING', results: [contact('1')], errors: [busy, gone] },
      { status: 'COMPLETE', results: [contact('2')], errors: [busy] },
      { status: 'COMPLETE', results: [contact('3')] },
    )
    const { results, missing } = await reads.batchRead('contacts', ['1', '2', '3', '4'], [])
    expect([results.map(({ id }) => id), missing]).toEqual([['1', '2', '3'], ['4']])
    expect(asked).toEqual([['1', '2', '3', '4'], ['2', '3'], ['3']])
  })

  it('by an address asks for the other addresses alone', async () => {
    const of = (id: string, email: string) => ({ ...contact(id), properties: { email } })
    const { reads, asked } = readsOf(
      { status: 'PENDING', results: [of('1', 'Ada@example.com')] },
      { status: 'COMPLETE', results: [of('2', 'bob@example.com')] },
    )
    const addresses = ['ada@example.com', 'Bob@example.com']
    const { results } = await reads.batchRead('contacts', addresses, ['email'], {
      idProperty: 'email',
    })
    expect(results.map(({ id }) => id)).toEqual(['1', '2'])
    expect(asked).toEqual([['ada@example.com', 'bob@example.com'], ['bob@example.com']])
  })

  it('fails where a record stays without an answer', async () => {
    const { reads } = readsOf({ status: 'PENDING', results: [contact('1')] })
    await expect(reads.batchRead('contacts', ['1', '2'], [])).rejects.toMatchObject({
      kind: 'transient',
    })
  })

  it('takes an error whose sub-category is an object', async () => {
    const { reads } = readsOf({
      status: 'COMPLETE',
      results: [contact('1')],
      errors: [{ category: 'OBJECT_NOT_FOUND', subCategory: {}, context: { ids: ['2'] } }],
    })
    const { missing } = await reads.batchRead('contacts', ['1', '2'], [])
    expect(missing).toEqual(['2'])
  })
})
