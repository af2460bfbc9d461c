import { expect, test } from 'vitest'
import type { Progress, RunContext } from '../../../server/sync/runs/context'
import { createIncremental, type IncrementalDeps } from '../../../server/sync/readers/incremental'

const record = (id: number) => ({
  id: String(id),
  properties: {
    lastmodifieddate: new Date(1_800_000_000_000 + id).toISOString(),
    hs_lastmodifieddate: new Date(1_800_000_000_000 + id).toISOString(),
  },
})

/** HubSpot with so many changed contacts and one deal, two records on a page. */
function aRun(contacts: number, seenBefore: number) {
  const saved: Progress[] = []
  const all = Array.from({ length: contacts }, (_, index) => record(index))
  const ctx = {
    run: { counts: { seen: seenBefore, writtenBack: 0 } },
    signal: new AbortController().signal,
    save: async (progress: Progress) => void saved.push(progress),
    crm: {
      search: async (type: string, query: { filters: { value?: string }[] }) => {
        const from = Number(query.filters[0]?.value)
        const left = (type === 'contacts' ? all : all.slice(0, 1)).filter(
          one => Date.parse(one.properties.lastmodifieddate) >= from,
        )
        return { results: left.slice(0, 2), total: left.length, after: left[2] ? '2' : null }
      },
    },
  }
  const deps = {
    cursors: { find: async () => null },
    mapping: { propertiesToRead: async () => [] },
    pull: {
      withContacts: async (_: unknown, records: unknown[]) => records,
      storePage: async (_: unknown, page: { records: unknown[] }) => ({
        seen: page.records.length,
      }),
    },
  }
  return {
    saved,
    incremental: createIncremental(deps as unknown as IncrementalDeps),
    ctx: ctx as unknown as RunContext,
  }
}

test('a run that catches up with a large import says so, of how many records, and when it is over', async () => {
  const { saved, incremental, ctx } = aRun(5, 3)
  await incremental.catchUp(ctx)
  const pages = saved.filter(progress => progress.phase === 'hubspot_import')
  expect(pages.length).toBeGreaterThan(2)
  // What was seen before counts: progress is measured from the run's beginning.
  expect(pages[0]?.total).toBe(8)
  expect(pages.at(-1)?.total).toBe(9)
  expect(pages.reduce((sum, { counts }) => sum + (counts?.seen ?? 0), 0)).toBe(6)
  expect(saved.at(-1)).toEqual({ total: null })
})
