import { describe, expect, it } from 'vitest'
import type { LeadList } from '#shared/contracts/leads'
import { useRecordsApi } from './records-api'

const { call, other, lead, anotherPartner } = useRecordsApi()

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
