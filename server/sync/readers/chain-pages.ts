import type { CrmObject, CrmPage } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { Log } from '../../observability/log'
import { DomainError } from '../../errors'
import { isInOrder, type Chain, type Chains, type Gap, type Lane } from './chains'
import { findCut, type Cut } from './cut'
import { readAhead, type Page } from './read-ahead'

/**
 * Chains at once at most. HubSpot takes 10.6 list pages and 5 searches a second and answers one in
 * 300 to 800 ms: eight and four are under way then. Memory holds two pages of each.
 */
const most: Record<Lane, number> = { list: 8, search: 4 }
const pagesOfEach = 2
/** What one chain alone reads ahead of the page that is being written */
const pagesOfOne = 3
/** A list of fewer records takes one chain a few seconds */
const leastToBegin = 1500
/** While a place to cut is searched, the chain goes on: it must not come by there first */
const leastToCut = 1000
/** Records on each side of a cut: three pages, so that a cut is ahead of what was stored last */
const leastSide = 300
/** Chains that are stored at most: those that are done stay until the one before them comes there */
const mostStored = 60

export interface ChainPage {
  chain: Chain
  records: CrmObject[]
  /** Cursor of the page after it; `null`: the chain ends with this page */
  after: string | null
}

export interface ChainPagesDeps {
  chains: Chains
  /** Reads one page of the list */
  list(after: string | null): Promise<CrmPage>
  /** Reads the first records after an id by search, in order of id; a cursor where there are more */
  searchAfter(id: string): Promise<CrmPage>
  /** What search says of the list: the first record from an id on, and how many there are */
  firstFrom(id: string): Promise<Cut | null>
  /** The greatest id of the list, as search knows it; `null`: the list is not cut */
  lastId: string | null
  log: Log
}

/** A search for a place to cut */
interface Found {
  gap: Gap
  /** The first page from there on, and the cursor that it was read by; `null`: it is not cut */
  begins: { lane: Lane; after: string; page: CrmPage; from: number } | null
  /** Whether the chain may be cut in another way */
  again: boolean
}

interface Cutting {
  lane: Lane
  found: Promise<Found>
}

const before = (id: string) => String(BigInt(id) - 1n)

/**
 * Reads a list by several chains at once and hands out their pages as they come. Where nothing
 * speaks against it, a chain with much to read is cut in two: search names a record in its middle,
 * and what follows that id is read by search or by the list, whichever has room. HubSpot calls the
 * list's cursors opaque. So its answer has to be in order and to begin no earlier; where it is not,
 * the list itself is read by one chain (docs/hubspot-platform.md#lists).
 * @throws what `list` and `searchAfter` throw; {CursorGoesRound}; {ListOutOfOrder}
 */
export async function* chainPages(deps: ChainPagesDeps): AsyncGenerator<ChainPage> {
  const { chains, log } = deps
  const sources = new Map<Chain, AsyncGenerator<Page<CrmObject[]>>>()
  const waiting = new Map<Chain, Promise<Came>>()
  const cuts = new Map<Gap, Cutting>()
  let isStopped = false
  /** Whether the list can be begun in its middle; `null`: that was not tried yet */
  let canBeginList: boolean | null = null
  let least = leastToBegin

  function wait(chain: Chain, source: AsyncGenerator<Page<CrmObject[]>>): void {
    const came = source.next().then(result => ({ chain, page: result.done ? null : result.value }))
    // It is awaited in its turn; until then its failure must not count as unhandled.
    came.catch(() => {})
    waiting.delete(chain)
    waiting.set(chain, came)
  }

  async function searchPage(after: string): Promise<CrmPage> {
    const page = await deps.searchAfter(after)
    // The next page is asked for by the last id: by offset, records would be stepped over.
    return { ...page, after: page.after && (page.results.at(-1)?.id ?? null) }
  }
  const nextPage = ({ by }: Chain, after: string | null): Promise<CrmPage> =>
    by === 'search' && after !== null ? searchPage(after) : deps.list(after)

  function follow(chain: Chain, first: CrmPage | null, depth: number): void {
    let known = first
    const source = readAhead<CrmObject[]>(chain.after, depth, async after => {
      if (isStopped || !chains.has(chain)) return { items: [], after: null }
      const page = known ?? (await nextPage(chain, after))
      known = null
      const ids = page.results.map(record => record.id)
      const { keep, stops } = chains.read(chain, ids, page.after === null)
      return { items: page.results.slice(0, keep), after: stops ? null : page.after }
    })
    sources.set(chain, source)
    wait(chain, source)
  }

  /** @returns the first page from the record on; `null` where HubSpot does not give it */
  async function pageOfList(id: string): Promise<CrmPage | null> {
    try {
      const page = await deps.list(id)
      // The record itself may be the first one of the page, or the one before it.
      const isThere = isInOrder(
        page.results.map(record => record.id),
        before(id),
      )
      return isThere ? page : null
    } catch (error) {
      if (error instanceof HubspotError && error.kind === 'rejected') return null
      throw error
    }
  }

  async function find(gap: Gap, lane: Lane): Promise<Found> {
    const high = gap.high ?? deps.lastId
    if (high === null) return { gap, begins: null, again: false }
    try {
      const cut = await findCut({ ...gap, high }, leastSide, deps.firstFrom)
      if (cut === null) return { gap, begins: null, again: false }
      const after = lane === 'search' ? before(cut.id) : cut.id
      const page = await (lane === 'search' ? searchPage(after) : pageOfList(after))
      if (lane === 'list') canBeginList = page !== null
      if (page) return { gap, begins: { lane, after, page, from: cut.from }, again: true }
      log.info(
        { event: 'import_one_chain' },
        'HubSpot gives no page from the middle of its list: the list is read by one chain',
      )
      return { gap, begins: null, again: true }
    } catch (error) {
      // What stops the import as well is met by the chains' own reads.
      if (!(error instanceof HubspotError || error instanceof DomainError)) throw error
      if (chains.isCuttable())
        log.info({ event: 'import_not_cut' }, 'HubSpot did not say where its list can be cut')
      chains.stopCutting()
      return { gap, begins: null, again: false }
    }
  }

  /** @returns the lane that has room for one more chain */
  function freeLane(): Lane | null {
    const busy = (lane: Lane) =>
      [...waiting.keys()].filter(({ by = 'list' }) => by === lane).length +
      [...cuts.values()].filter(cutting => cutting.lane === lane).length
    const isListFree = canBeginList !== false && busy('list') < (canBeginList ? most.list : 2)
    const isSearchFree = busy('search') < most.search
    const isListEmptier = busy('list') / most.list < busy('search') / most.search
    if (isListFree && (isListEmptier || !isSearchFree)) return 'list'
    return isSearchFree ? 'search' : null
  }

  function startCuts(): void {
    while (deps.lastId !== null && chains.isCuttable() && chains.count() < mostStored) {
      const lane = freeLane()
      const gap = lane && chains.takeWidest(least)
      if (!gap) return
      least = leastToCut
      const found = find(gap, lane)
      found.catch(() => {})
      cuts.set(gap, { lane, found })
    }
  }

  function begin({ gap, begins, again }: Found): void {
    cuts.delete(gap)
    const ids = begins?.page.results.map(({ id }) => id) ?? []
    const added = begins && chains.add(gap.chain, { ...begins, ids })
    chains.release(gap, begins ? added !== null : again)
    if (added) follow(added, begins.page, pagesOfEach)
  }

  const open = chains.open()
  if (open.filter(({ by }) => by === undefined).length > 1) canBeginList = true
  for (const chain of open) follow(chain, null, open.length > 1 ? pagesOfEach : pagesOfOne)
  try {
    while (waiting.size > 0) {
      startCuts()
      const next = await Promise.race([
        ...[...cuts.values()].map(({ found }) => found),
        ...waiting.values(),
      ])
      if ('gap' in next) {
        begin(next)
        continue
      }
      const { chain, page } = next
      const source = sources.get(chain)
      if (page === null || !source || !chains.has(chain)) {
        waiting.delete(chain)
        sources.delete(chain)
        void source?.return(undefined)
        continue
      }
      yield { chain, records: page.items, after: page.after }
      wait(chain, source)
    }
  } finally {
    isStopped = true
    for (const source of sources.values()) void source.return(undefined).catch(() => {})
  }
}

interface Came {
  chain: Chain
  page: Page<CrmObject[]> | null
}
