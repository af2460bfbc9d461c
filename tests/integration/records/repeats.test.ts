import { describe, expect, it } from 'vitest'
import { ObjectId } from 'mongodb'
import type { Deal, Lead } from '#shared/contracts/leads'
import { addAliases } from '../../../server/records/repository/aliases'
import { useRecordsApi } from './records-api'

const api = useRecordsApi()
const keyed = (key: string) => ({ 'Idempotency-Key': key })

describe('a request that makes a record and comes again', () => {
  it('answers 200 with the record that it made', async () => {
    const body = { email: 'again@example.test', firstName: 'Ada' }
    const first = await api.call<Lead>('POST', '/api/v1/leads', body, keyed('draft-1'))
    const again = await api.call<Lead>('POST', '/api/v1/leads', body, keyed('draft-1'))
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body.id).toBe(first.body.id)
  })

  it('makes one deal of many that come at once', async () => {
    const body = { name: 'At once', amount: '12.50' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.call<Deal>('POST', '/api/v1/deals', body, keyed('draft-2')),
      ),
    )
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1)
    expect(answers.map(answer => answer.status).sort()).toEqual([
      ...Array<number>(7).fill(200),
      201,
    ])
    const { deals } = api.bench.collections
    expect(await deals.countDocuments({ 'values.name': 'At once' })).toBe(1)
  })

  it('makes one lead of many that come at once', async () => {
    const body = { email: 'at-once@example.test' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.call<Lead>('POST', '/api/v1/leads', body, keyed('draft-3')),
      ),
    )
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1)
  })

  it('is refused with another body, also on the other route', async () => {
    await api.call('POST', '/api/v1/leads', { firstName: 'One' }, keyed('draft-4'))
    const other = await api.call<{ data: { code: string } }>(
      'POST',
      '/api/v1/leads',
      { firstName: 'Two' },
      keyed('draft-4'),
    )
    expect([other.status, other.body.data.code]).toEqual([409, 'idempotency_key_reused'])
    const deal = await api.call('POST', '/api/v1/deals', { name: 'One' }, keyed('draft-4'))
    expect(deal.status).toBe(409)
  })

  it('is refused with a key that is none', async () => {
    for (const key of ['', 'a b', 'ä', 'x'.repeat(65)]) {
      const { status } = await api.call('POST', '/api/v1/leads', { firstName: 'X' }, keyed(key))
      expect(status).toBe(422)
    }
  })

  it('can be corrected under the same key where it was refused', async () => {
    await api.lead({ email: 'taken@example.test' })
    const taken = { email: 'taken@example.test', lastName: 'Twice' }
    const refused = await api.call('POST', '/api/v1/leads', taken, keyed('draft-5'))
    const corrected = { ...taken, email: 'free@example.test' }
    const made = await api.call('POST', '/api/v1/leads', corrected, keyed('draft-5'))
    expect([refused.status, made.status]).toEqual([422, 201])
  })

  it('belongs to its partner, and ends after 24 hours', async () => {
    const body = { firstName: 'Own' }
    const ours = await api.call<Lead>('POST', '/api/v1/leads', body, keyed('draft-6'))
    const theirs = await api.other<Lead>('POST', '/api/v1/leads', body, keyed('draft-6'))
    expect([ours.status, theirs.status]).toEqual([201, 201])
    await api.bench.collections.idempotencyKeys.updateMany(
      {},
      { $set: { expires_at: new Date(Date.now() - 1000) } },
    )
    const later = await api.call<Lead>('POST', '/api/v1/leads', body, keyed('draft-6'))
    expect(later.status).toBe(201)
    expect(later.body.id).not.toBe(ours.body.id)
  })
})

describe('an id that was answered once', () => {
  it('leads to the record that stays, through every record in between', async () => {
    const { collections } = api.bench
    const lead = await api.lead({ firstName: 'Stays' })
    const stays = await collections.leads.findOne({ _id: new ObjectId(lead.id) })
    if (!stays) throw new Error('The lead is not stored')
    const [first, second] = [new ObjectId(), new ObjectId()]
    const alias = { partnerId: stays.partner_id, kind: 'lead', now: new Date() } as const
    await addAliases(collections, alias, [first], second)
    await addAliases(collections, alias, [second], stays._id)
    const path = `/api/v1/leads/${first.toHexString()}`
    expect((await api.call<Lead>('GET', path)).body.id).toBe(lead.id)
    const patched = await api.call<Lead>('PATCH', path, { lastName: 'Still' })
    expect(patched.body).toMatchObject({ id: lead.id, lastName: 'Still' })
    const deal = await api.call<Deal>('POST', '/api/v1/deals', {
      name: 'Of the old id',
      leadIds: [first.toHexString()],
    })
    expect(deal.body.leadIds).toEqual([lead.id])
    expect((await api.other('GET', path)).status).toBe(404)
  })
})
