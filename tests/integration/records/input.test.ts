import { describe, expect, it } from 'vitest'
import type { Deal } from '#shared/contracts/leads'
import { useRecordsApi } from './records-api'

const api = useRecordsApi()
const { call, lead } = api

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
    const before = await api.bench.collections.leads.find().sort({ _id: 1 }).toArray()
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
    expect(await api.bench.collections.leads.find().sort({ _id: 1 }).toArray()).toEqual(before)
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
