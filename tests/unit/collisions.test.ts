import { describe, expect, test } from 'vitest'
import { collides } from '../../utils/collisions'
import { whoMoved } from '../../utils/three-way'

describe('who moved', () => {
  test.each([
    ['a', 'a', 'a', 'equal'],
    ['a', 'b', 'b', 'equal'],
    ['a', 'b', 'a', 'ours'],
    ['a', 'a', 'b', 'theirs'],
    ['a', 'b', 'c', 'both'],
  ])('from %s to %s and %s: %s', (base, ours, theirs, answer) =>
    expect(whoMoved(base, ours, theirs)).toBe(answer),
  )
})

describe('what was sent collides with what others stored', () => {
  const before = { phone: '1', company: null, fields: { tier: 'gold', size: '3' } }
  test('only in a field that both changed, to different values', () => {
    expect(collides({ phone: '2' }, before, { ...before, company: 'X' })).toBe(false)
    expect(collides({ phone: '2' }, before, { ...before, phone: '2' })).toBe(false)
    expect(collides({ phone: '2' }, before, { ...before, phone: '3' })).toBe(true)
    expect(collides({ company: 'Y' }, before, { ...before, company: 'X' })).toBe(true)
  })
  test('own fields each for itself', () => {
    const now = { ...before, fields: { tier: 'silver', size: '3' } }
    expect(collides({ fields: { size: '4' } }, before, now)).toBe(false)
    expect(collides({ fields: { tier: 'bronze' } }, before, now)).toBe(true)
  })
})
