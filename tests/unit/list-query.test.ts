import { expect, test } from 'vitest'
import { DealsQuery, LeadsQuery } from '#shared/contracts/lists'
import { nextSort, readFilters, readSort, sameQuery } from '../../utils/list-query'

test('an address asks for nothing that the list would refuse', () => {
  const hostile = {
    q: 'ada',
    syncState: '"><script>',
    owner: 'none',
    stage: 'won',
    createdFrom: '2026-01-01',
    createdTo: 'yesterday',
    pipeline: '../x',
    'filter[budget]': '5',
    'filter[Bad Key]': '5',
    unknown: '1',
    open: '1',
    lifecycle: ['a', 'b'],
  }
  const lead = readFilters('lead', hostile)
  expect(lead).toEqual({
    q: 'ada',
    owner: 'none',
    createdFrom: '2026-01-01',
    'filter[budget]': '5',
  })
  const deal = readFilters('deal', hostile)
  expect(deal).toEqual({ ...lead, stage: 'won' })
  expect(LeadsQuery.safeParse(lead).success).toBe(true)
  expect(DealsQuery.safeParse(deal).success).toBe(true)
})

test('an address that names what every object has asks for no filter', () => {
  const inherited = { hasOwnProperty: 'x', toString: 'x', constructor: 'x', q: 'ada' }
  expect(readFilters('lead', inherited)).toEqual({ q: 'ada' })
  expect(readFilters('deal', inherited)).toEqual({ q: 'ada' })
})

test('an order is one of the columns, or the usual one', () => {
  expect(readSort('lead', '-email')).toBe('-email')
  expect(readSort('lead', 'budget')).toBe('budget')
  expect(readSort('lead', '<b>')).toBe('-updatedAt')
  expect(readSort('deal', undefined)).toBe('-updatedAt')
  expect([nextSort('name', 'name'), nextSort('-name', 'name'), nextSort('email', 'name')]).toEqual([
    '-name',
    'name',
    'name',
  ])
})

test('two queries that ask for the same are the same in any order', () => {
  expect(sameQuery({ q: 'a', owner: '5' }, { owner: 5, q: 'a', stage: undefined })).toBe(true)
  expect(sameQuery({ q: 'a' }, { q: 'b' })).toBe(false)
})
