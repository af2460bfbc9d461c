import { ObjectId } from 'mongodb'
import type { Crm, CrmObject, ObjectType } from '../../../server/hubspot/crm-types'
import { HubspotError } from '../../../server/hubspot/errors'
import { createImport } from '../../../server/sync/readers/initial'
import type { RunContext } from '../../../server/sync/runs/context'
import { createRandom } from '../../../simulator/random'

/**
 * What a cursor is: the next id, the last id before, an id that leads some records too far, a text
 * that says nothing (an id is refused, or taken for none), a number of records.
 */
export type Cursors = 'next' | 'last' | 'too_far' | 'opaque' | 'unread' | 'offset'

export interface ListWorld {
  seed: number
  cursors: Cursors
  records: number
  /** Ids lie far apart in places, as in old accounts */
  skewed?: boolean
  /** HubSpot lists in another order than that of ids */
  shuffled?: boolean
  /** HubSpot lists some of the last records in another order */
  shuffledEnd?: boolean
  /** While it is read, records are archived and created */
  changes?: boolean
  /** Of a hundred pages that are stored, so many end with a kill */
  kills?: number
  /** Some searches name no record though there are some */
  emptyPages?: boolean
}

interface SavedChains {
  restarted?: boolean
  after?: string | null
  chains?: { by?: string; after: string | null }[]
}

const at = '2026-01-01T00:00:00.000Z'
export const pageSize = 20
const searchPageSize = 40

/** A list of contacts, and what an import that may be killed anywhere makes of it. */
export function fakeList(world: ListWorld) {
  const random = createRandom(world.seed)
  const pick = (below: number) => Math.floor(random() * below)
  let id = 1000 + pick(1000)
  const list = Array.from({ length: world.records }, (_, index) => {
    id += world.skewed && index < world.records / 3 ? 1 + pick(1_000_000) : 1 + pick(5)
    return { id: String(id), archived: false }
  })
  /** The search index: it shows what is archived or created some requests later */
  const bySearch = list.map(({ id }) => id)
  const indexed: (() => void)[] = []
  const toIndex = (change: () => void) => indexed.push(change)
  if (world.shuffled) list.sort(() => random() - 0.5)
  if (world.shuffledEnd) {
    const end = list.splice(Math.floor(list.length * 0.9))
    list.push(...end.sort(() => random() - 0.5))
  }
  const created: string[] = []
  const stored = new Map<string, string>()
  const figures = {
    counted: 0,
    underWay: 0,
    mostUnderWay: 0,
    searching: 0,
    mostSearching: 0,
    read: 0,
    storedRecords: 0,
    ahead: 0,
    /** Pages that were stored though no checkpoint had their cursor */
    unsaved: 0,
  }
  let checkpoint: Record<string, unknown> | null = null

  const turn = async () => {
    for (let ticks = 1 + pick(6); ticks > 0; ticks--) await new Promise(setImmediate)
  }
  const refused = () => new HubspotError({ kind: 'rejected', status: 400 })
  const code = (place: number) => Buffer.from(`p${place}`).toString('base64url')

  /** Places survive what is archived, as ids do. */
  function placeOf(after: string | undefined): number {
    if (after === undefined) return 0
    if (world.cursors === 'offset') return Number(after)
    if (world.cursors === 'too_far') {
      const place = /^([^-]+)-own$/.exec(after)?.[1]
      if (place !== undefined) return Number(place)
      return list.findIndex(record => record.id === after) + pick(30)
    }
    if (world.cursors === 'opaque' || world.cursors === 'unread') {
      const place = /^p(\d+)$/.exec(Buffer.from(after, 'base64url').toString())?.[1]
      if (place !== undefined) return Number(place)
      if (world.cursors === 'opaque') throw refused()
      return 0
    }
    const place = list.findIndex(record => record.id === after)
    return world.cursors === 'next' ? place : place + 1
  }

  function cursorOf(place: number): string {
    if (world.cursors === 'offset') return String(place)
    if (world.cursors === 'too_far') return `${place}-own`
    if (world.cursors === 'opaque' || world.cursors === 'unread') return code(place)
    return list[world.cursors === 'next' ? place : place - 1]?.id ?? ''
  }

  function change(): void {
    if (!world.changes) return
    if (random() < 0.3) {
      const one = list[pick(list.length)]
      if (one && !one.archived) {
        one.archived = true
        toIndex(() => bySearch.splice(bySearch.indexOf(one.id), 1))
      }
    }
    if (random() < 0.1) {
      id += 1 + pick(5)
      const made = String(id)
      list.push({ id: made, archived: false })
      created.push(made)
      toIndex(() => bySearch.push(made))
    }
  }

  const objectOf = (record: { id: string }): CrmObject => ({
    id: record.id,
    properties: {},
    createdAt: at,
    updatedAt: at,
    archived: false,
  })

  const crm = {
    async listPage(type: ObjectType, { after }: { after?: string }) {
      if (type === 'deals') return { results: [], after: null }
      figures.underWay += 1
      figures.mostUnderWay = Math.max(figures.mostUnderWay, figures.underWay)
      try {
        await turn()
        change()
        const from = placeOf(after)
        const results: CrmObject[] = []
        let place = from
        for (; place < list.length && results.length < pageSize; place++) {
          const record = list[place]
          if (record && !record.archived) results.push(objectOf(record))
        }
        while (list[place]?.archived) place++
        figures.read += results.length
        await turn()
        return { results, after: place < list.length ? cursorOf(place) : null }
      } finally {
        figures.underWay -= 1
      }
    },
    async search(type: ObjectType, query: Parameters<Crm['search']>[1]) {
      if (type === 'deals') return { total: 0, results: [], after: null }
      figures.searching += 1
      figures.mostSearching = Math.max(figures.mostSearching, figures.searching)
      try {
        await turn()
        change()
        if (indexed.length > 3) indexed.shift()?.()
        const { operator, value = '0' } = query.filters?.[0] ?? {}
        const from = BigInt(value) + (operator === 'GT' ? 1n : 0n)
        const matching = bySearch.filter(one => BigInt(one) >= from)
        const isDescending = query.sorts?.[0]?.direction === 'DESCENDING'
        const limit = query.limit ?? searchPageSize
        const page = isDescending ? matching.slice(-limit) : matching.slice(0, limit)
        if (limit > 1 && world.emptyPages && random() < 0.1)
          return { total: matching.length, results: [], after: String(limit) }
        return {
          total: matching.length,
          results: page.map(one => objectOf({ id: one })),
          after: matching.length > limit ? String(limit) : null,
        }
      } finally {
        figures.searching -= 1
      }
    },
  } as unknown as Crm

  class Killed extends Error {}
  const importPortal = createImport({
    cursors: { setImported: async () => {} },
    mapping: { propertiesToRead: async () => [], zoneFor: async () => 'UTC' },
    pull: {
      withContacts: async (_, deals) => deals,
      async storePage(_, { records, page = '' }) {
        const counts = { seen: 0, created: 0, updated: 0, unchanged: 0, failed: 0 }
        const { after = null, chains, restarted } = (checkpoint ?? {}) as SavedChains
        const cursors = (chains ?? [{ after }]).map(
          ({ by, after }: { by?: string; after: string | null }) =>
            `contacts:${restarted ? 'again:' : ''}${by ? `${by}:` : ''}${after ?? ''}`,
        )
        if (!page.startsWith('deals') && !cursors.includes(page)) figures.unsaved += 1
        figures.ahead = Math.max(figures.ahead, figures.read - figures.storedRecords)
        await turn()
        for (const record of records) {
          figures.storedRecords += 1
          // As marks on records do it: once in a run, but for the page that was stored last.
          if ((stored.get(record.id) ?? page) === page) counts.seen += 1
          if (!stored.has(record.id)) stored.set(record.id, page)
        }
        return counts
      },
    },
  })

  function context(): RunContext {
    let current = checkpoint
    let saves = 0
    const dies = world.kills ? pick(Math.floor(200 / world.kills)) : Infinity
    return {
      run: { watermark: new Date() },
      partnerId: new ObjectId(),
      portalId: '1',
      crm,
      signal: new AbortController().signal,
      checkpoint: () => current,
      async save(progress: { checkpoint?: Record<string, unknown>; counts?: { seen?: number } }) {
        if (saves++ === dies) throw new Killed()
        figures.counted += progress.counts?.seen ?? 0
        if (progress.checkpoint) current = checkpoint = structuredClone(progress.checkpoint)
      },
      tell: () => {},
      now: () => new Date(),
      log: { info: () => {}, warn: () => {} },
    } as unknown as RunContext
  }

  return {
    stored,
    figures,
    /** Ids that are there now and were there all the time */
    lasting: () => list.flatMap(one => (one.archived || created.includes(one.id) ? [] : [one.id])),
    from(saved: Record<string, unknown>) {
      checkpoint = saved
    },
    idAt: (place: number) => list[place]?.id ?? '',
    async run(): Promise<number> {
      for (let kills = 0; ; kills++) {
        try {
          await importPortal(context())
          return kills
        } catch (error) {
          const isMetAgain = error instanceof HubspotError && error.kind === 'transient'
          if (!(error instanceof Killed || isMetAgain)) throw error
          figures.ahead = 0
          figures.read = figures.storedRecords = 0
        }
      }
    },
  }
}
