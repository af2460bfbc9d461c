import { describe, expect, test } from 'vitest'
import { secondLook, type Listed } from '../../utils/list-look'

const record = (id: string, updatedAt = '1', revision = 1): Listed => ({ id, updatedAt, revision })
const known = (...records: Listed[]) => new Map(records.map(one => [one.id, one.updatedAt]))

describe('a second look at a list that somebody works in', () => {
  const [a, b, c, d] = [record('a'), record('b'), record('c'), record('d')]

  test('a record that moved up shows its new value where it stands, and counts', () => {
    const changed = record('c', '2', 2)
    expect(secondLook([a, b, c], [changed, a, b], known(a, b, c))).toEqual({
      items: [a, b, changed],
      changed: 1,
      missing: [],
    })
  })

  test('a new value that moves nothing is no reason to ask', () => {
    const changed = record('b', '2', 2)
    expect(secondLook([a, b], [a, changed], known(a, b)).changed).toBe(0)
  })

  test('a new record counts, the one that it pushes out does not', () => {
    expect(secondLook([a, b, c], [d, a, b], known(a, b, c))).toEqual({
      items: [a, b, c],
      changed: 1,
      missing: ['c'],
    })
  })

  test("one's own edit is no news, though it would move its row", () => {
    const edited = record('c', '2', 2)
    expect(secondLook([a, b, edited], [edited, a, b], known(a, b, edited)).changed).toBe(0)
  })

  test('an answer from before an edit does not take the edit away', () => {
    const edited = record('a', '2', 2)
    expect(secondLook([edited], [a], known(edited)).items).toEqual([edited])
  })
})
