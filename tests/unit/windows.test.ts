import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  advanceWindow,
  openWindow,
  windowQuery,
  type SearchWindow,
  type WindowQuery,
} from '../../server/sync/readers/search-window'

interface Row {
  id: string
  modifiedAt: number
  version: number
}

const property = 'lastmodifieddate'

/**
 * HubSpot's search as a pure function: filters, one sort, a shuffled order among equals, the cap.
 */
function search(
  rows: readonly Row[],
  query: WindowQuery,
  pageSize: number,
  shuffle: (row: Row) => number,
): { page: Row[]; hasMore: boolean } {
  const value = (row: Row, name: string) => (name === property ? row.modifiedAt : Number(row.id))
  const matching = rows.filter(row =>
    query.filters.every(filter => {
      const [left, right] = [value(row, filter.propertyName), Number(filter.value)]
      return filter.operator === 'GTE'
        ? left >= right
        : filter.operator === 'LTE'
          ? left <= right
          : filter.operator === 'GT'
            ? left > right
            : left === right
    }),
  )
  const by = query.sorts[0]?.propertyName ?? ''
  matching.sort((one, other) => value(one, by) - value(other, by) || shuffle(one) - shuffle(other))
  return { page: matching.slice(0, pageSize), hasMore: matching.length > pageSize }
}

interface Walk {
  handedOut: Row[]
  queries: number
}

/** Walks a window to its end; `edit` may move rows between two pages, as people do. */
function walk(
  rows: Row[],
  start: SearchWindow,
  pageSize: number,
  edit: (query: number) => void = () => {},
): Walk {
  const handedOut: Row[] = []
  let window: SearchWindow | null = start
  let queries = 0
  while (window !== null) {
    if (queries > 10_000) throw new Error('the walk does not end')
    const { page, hasMore } = search(
      rows,
      windowQuery(window, property),
      pageSize,
      row => (Number(row.id) * 7919 + queries * 31) % 101,
    )
    const step: ReturnType<typeof advanceWindow> = advanceWindow(window, page, hasMore)
    handedOut.push(...page.filter(row => step.fresh.has(row.id)).map(row => ({ ...row })))
    window = step.next
    queries++
    edit(queries)
  }
  return { handedOut, queries }
}

/** Few distinct instants make ties, many make gaps. */
const rowsArbitrary = fc
  .tuple(
    fc.integer({ min: 1, max: 400 }),
    fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 120 }),
  )
  .map(([spread, instants]) =>
    instants.map((instant, index): Row => ({
      id: String(index + 1),
      modifiedAt: 1_000_000 + (instant % spread),
      version: 0,
    })),
  )

describe('windows over modified records', () => {
  test('hand out every record from the start on, each once, for any distribution of instants', () => {
    fc.assert(
      fc.property(
        rowsArbitrary,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: -5, max: 400 }),
        (rows, pageSize, offset) => {
          const from = 1_000_000 + offset
          const { handedOut } = walk(rows, openWindow(new Date(from)), pageSize)
          expect(handedOut.map(row => row.id).sort()).toEqual(
            rows
              .filter(row => row.modifiedAt >= from)
              .map(row => row.id)
              .sort(),
          )
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('keep to their end', () => {
    fc.assert(
      fc.property(
        rowsArbitrary,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(400),
        fc.nat(400),
        (rows, pageSize, start, length) => {
          const [from, until] = [1_000_000 + start, 1_000_000 + start + length]
          const { handedOut } = walk(rows, openWindow(new Date(from), new Date(until)), pageSize)
          expect(handedOut.map(row => row.id).sort()).toEqual(
            rows
              .filter(row => row.modifiedAt >= from && row.modifiedAt <= until)
              .map(row => row.id)
              .sort(),
          )
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('lose nothing while people edit between the pages: each record is handed out as it is in the end', () => {
    const editsArbitrary = fc.array(
      fc.record({ query: fc.integer({ min: 1, max: 40 }), index: fc.nat(200) }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(
        rowsArbitrary,
        fc.integer({ min: 1, max: 12 }),
        editsArbitrary,
        (original, pageSize, edits) => {
          const rows = original.map(row => ({ ...row }))
          let now = 1_000_500
          const { handedOut } = walk(rows, openWindow(new Date(0)), pageSize, query => {
            for (const edit of edits) {
              const row = rows[edit.index % Math.max(1, rows.length)]
              if (edit.query === query && row)
                Object.assign(row, { modifiedAt: (now += 3), version: row.version + 1 })
            }
          })
          const lastSeen = new Map(handedOut.map(row => [row.id, row.version]))
          // What was edited after the last page belongs to the next walk, which begins before the
          // last instant seen.
          const lastInstant = Math.max(0, ...handedOut.map(row => row.modifiedAt))
          const next = walk(rows, openWindow(new Date(lastInstant)), pageSize)
          for (const row of next.handedOut) lastSeen.set(row.id, row.version)
          expect(rows.filter(row => lastSeen.get(row.id) !== row.version)).toEqual([])
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('go on from a checkpoint after any page as if nothing had happened', () => {
    fc.assert(
      fc.property(rowsArbitrary, fc.integer({ min: 1, max: 12 }), (rows, pageSize) => {
        const seen = new Set<string>()
        let window: SearchWindow | null = openWindow(new Date(0))
        while (window !== null) {
          const resumed = JSON.parse(JSON.stringify(window)) as SearchWindow
          const { page, hasMore } = search(
            rows,
            windowQuery(resumed, property),
            pageSize,
            row => Number(row.id) % 13,
          )
          const step: ReturnType<typeof advanceWindow> = advanceWindow(resumed, page, hasMore)
          for (const id of step.fresh) seen.add(id)
          window = step.next
        }
        expect(seen.size).toBe(rows.length)
      }),
      { numRuns: 1000 },
    )
  })

  test('drain 12,000 records of one millisecond by id, with ids of different lengths, and never ask by offset', () => {
    const rows = Array.from({ length: 12_000 }, (_, index): Row => ({
      id: String(9_995_000 + index),
      modifiedAt: 1_790_000_000_000,
      version: 0,
    }))
    rows.push(
      { id: '5', modifiedAt: 1_790_000_000_001, version: 0 },
      { id: '6', modifiedAt: 1_789_999_999_999, version: 0 },
    )
    const { handedOut, queries } = walk(rows, openWindow(new Date(1_780_000_000_000)), 200)
    expect(new Set(handedOut.map(row => row.id)).size).toBe(12_002)
    expect(handedOut.length).toBe(12_002)
    expect(queries).toBeLessThan(70)
  })

  test('end when HubSpot answers nonsense: an empty page that promises more, ids that do not grow, instants before the window', () => {
    expect(advanceWindow(openWindow(new Date(10)), [], true).next).toBeNull()
    expect(
      advanceWindow(
        { from: 10, until: null, seenAtFrom: [], tieAfter: '7' },
        [{ id: '7', modifiedAt: 10 }],
        true,
      ).next,
    ).toEqual({ from: 11, until: null, seenAtFrom: [], tieAfter: null })
    expect(
      advanceWindow(
        openWindow(new Date(10)),
        [
          { id: '1', modifiedAt: 3 },
          { id: '2', modifiedAt: 4 },
        ],
        true,
      ).next?.tieAfter,
    ).toBe('0')
  })
})
