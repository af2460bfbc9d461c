import { describe, expect, it } from 'vitest'
import { DealCreate, DealPatch } from '#shared/contracts/leads'
import { ListQuery } from '#shared/contracts/paging'

const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => index.toString(16).padStart(24, '0'))

describe('what the API takes', () => {
  it('a deal of more than a hundred leads can be edited and made', () => {
    expect(DealPatch.safeParse({ leadIds: ids(1000) }).success).toBe(true)
    expect(DealCreate.safeParse({ name: 'Large', leadIds: ids(101) }).success).toBe(true)
    expect(DealPatch.safeParse({ leadIds: ids(1001) }).success).toBe(false)
  })

  it.each(['1e1', '0x10', ' 5', '5.0', '+5', '', '0', '101'])('limit=%s is no limit', limit => {
    expect(ListQuery.safeParse({ limit }).success).toBe(false)
  })
})
