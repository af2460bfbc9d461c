import { describe, expect, it } from 'vitest'
import type { Deal, DealList, LeadList } from '#shared/contracts/leads'
import { dealSorts, leadSorts } from '#shared/leads/fields'
import { fillAmountKeys } from '../../../server/records/repository/amount-keys'
import { useRecordsApi } from './records-api'

const api = useRecordsApi()
const { call, other, lead, anotherPartner } = api

describe('leads', () => {
  it('are searched for with control characters in the words as without', async () => {
    await lead({ firstName: 'Control', lastName: 'Character' })
    for (const q of ['Control%00Character', '%00', 'Contr%00', 'Control%1FCharacter%7F'])
      expect((await call('GET', `/api/v1/leads?q=${q}`)).status, q).toBe(200)
    expect(
      (await call<LeadList>('GET', '/api/v1/leads?q=Control%00Character')).body.items,
    ).toHaveLength(1)
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
    const mine = await anotherPartner('Pages')
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
    for (const sort of leadSorts.flatMap(column => [column, `-${column}`])) {
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

type Answered<B> = { status: number; body: B }

/** All items of a list, page by page. */
async function all<T>(as: typeof call, path: string, limit = 2): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const answer: Answered<{ items: T[]; nextCursor: string | null }> = await as(
      'GET',
      `${path}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
    )
    expect([path, answer.status]).toEqual([path, 200])
    items.push(...answer.body.items)
    cursor = answer.body.nextCursor
  }
  return items
}

describe('the list of deals', () => {
  it('is sorted by amount as a number, by stage as deals pass them, by name as people sort', async () => {
    const mine = await anotherPartner('Amounts')
    const deals = [
      ['anna', '1000', 'won'],
      ['Ämilie', '200.5', 'new'],
      ['Bert', '200.25', null],
      ['zoe', '-3', 'lost'],
      ['Zacharias', null, 'contacted'],
      ['bert', '0.000001', 'new'],
    ] as const
    for (const [name, amount, stage] of deals)
      await mine<Deal>('POST', '/api/v1/deals', { name, amount, stage })
    const by = async (sort: string) =>
      await all<DealList['items'][number]>(mine, `/api/v1/deals?sort=${sort}`)
    expect((await by('amount')).map(deal => deal.amount)).toEqual([
      null,
      '-3',
      '0.000001',
      '200.25',
      '200.5',
      '1000',
    ])
    const descending = (await by('-amount')).map(deal => deal.amount)
    expect(descending).toEqual((await by('amount')).map(deal => deal.amount).reverse())
    expect((await by('stage')).map(deal => deal.stage)).toEqual([
      null,
      'new',
      'new',
      'contacted',
      'won',
      'lost',
    ])
    expect((await by('name')).map(deal => deal.name?.toLowerCase())).toEqual([
      'ämilie',
      'anna',
      'bert',
      'bert',
      'zacharias',
      'zoe',
    ])
    for (const sort of dealSorts.flatMap(column => [column, `-${column}`]))
      expect([sort, new Set((await by(sort)).map(deal => deal.id)).size]).toEqual([
        sort,
        deals.length,
      ])
    // Deals of an earlier version get their key once.
    const { collections } = api.bench
    await collections.deals.updateMany({}, { $unset: { amount_key: '' } })
    await fillAmountKeys(collections)
    expect((await by('-amount')).map(deal => deal.amount)).toEqual(descending)
  })

  it('is filtered by search, stage, pipeline, owner and dates, also all at once', async () => {
    const mine = await anotherPartner('Filters')
    const { collections } = api.bench
    for (let index = 0; index < 6; index++) {
      const { body } = await mine<Deal>('POST', '/api/v1/deals', {
        name: `Filtered ${index}`,
        stage: index < 3 ? 'won' : 'lost',
        closeDate: `2026-03-0${index + 1}`,
      })
      await collections.deals.updateOne(
        { 'values.name': body.name },
        {
          $set: {
            hubspot_pipeline_id: index % 2 === 0 ? 'default' : '77',
            remote: { hubspot_owner_id: index === 5 ? null : '9' },
            created_at: new Date(`2026-04-0${index + 1}T12:00:00.000Z`),
          },
        },
      )
    }
    const names = async (query: string) =>
      (await all<Deal>(mine, `/api/v1/deals?sort=name&${query}`)).map(deal => deal.name?.at(-1))
    expect(await names('q=filt')).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(await names('q=filtered 3')).toEqual(['3'])
    expect(await names('pipeline=77')).toEqual(['1', '3', '5'])
    expect(await names('owner=9')).toEqual(['0', '1', '2', '3', '4'])
    expect(await names('owner=none')).toEqual(['5'])
    expect(await names('closeFrom=2026-03-02&closeTo=2026-03-04')).toEqual(['1', '2', '3'])
    expect(await names('createdFrom=2026-04-02&createdTo=2026-04-03')).toEqual(['1', '2'])
    expect(await names('createdTo=2026-04-02T12:00:00.000Z')).toEqual(['0', '1'])
    expect(await names('stage=won&pipeline=default&owner=9&createdFrom=2026-04-02')).toEqual(['2'])
    for (const wrong of ['owner=x', 'closeFrom=2026-13-01', 'pipeline=%24ne', 'sort=nothing'])
      expect((await mine('GET', `/api/v1/deals?${wrong}`)).status, wrong).toBe(422)
  })
})
