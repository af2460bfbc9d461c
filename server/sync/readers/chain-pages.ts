import type { CrmObject, CrmPage } from '../../hubspot/crm-types'
import { HubspotError } from '../../hubspot/errors'
import type { Log } from '../../observability/log'
import { DomainError } from '../../errors'
import { isInOrder, type Chain, type Chains, type Gap } from './chains'
import { findCut, type Cut } from './cut'
import { readAhead, type Page } from './read-ahead'

/**
 * Chains at once at most. HubSpot takes 10.6 list pages a second and answers one in 300 to 800 ms:
 * eight are under way then. Memory holds two pages of each.
 */
const mostChains = 10
const pagesOfEach = 2
/** What one chain alone reads ahead of the page that is being written */
const pagesOfOne = 3
/** A list of fewer records takes one chain a few seconds */
const leastToBegin = 2000
/** While a place to cut is searched, the chain goes on: it must not come by there first */
const leastToCut = 1500
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
  /** What search says of the list: the first record from an id on, and how many there are */
  firstFrom(id: string): Promise<Cut | null>
  /** The greatest id of the list, as search knows it; `null`: the list is not cut */
  lastId: string | null
  log: Log
}

/** A place to cut, with the first page from there on */
type Found = { gap: Gap; cut: Cut; page: CrmPage } | { gap: Gap; cut: null }

/**
 * Reads a list by several chains at once and hands out their pages as they come. Where nothing
 * speaks against it, a chain with much to read is cut in two: search names a record in its middle,
 * and the list is asked for what follows that id. HubSpot calls its cursors opaque. So the answer
 * has to be in order and to begin no earlier; where it is not, no more is cut
 * (docs/hubspot-platform.md#lists).
 * @throws what `list` throws; {CursorGoesRound}
 */
export async function* chainPages(deps: ChainPagesDeps): AsyncGenerator<ChainPage> {
  const { chains, log } = deps
  const sources = new Map<Chain, AsyncGenerator<Page<CrmObject[]>>>()
  const waiting = new Map<Chain, Promise<Came>>()
  const cuts = new Map<Gap, Promise<Found>>()
  let isStopped = false
  let least = leastToBegin

  function wait(chain: Chain, source: AsyncGenerator<Page<CrmObject[]>>): void {
    const came = source.next().then(result => ({ chain, page: result.done ? null : result.value }))
    // It is awaited in its turn; until then its failure must not count as unhandled.
    came.catch(() => {})
    waiting.delete(chain)
    waiting.set(chain, came)
  }

  function follow(chain: Chain, first: CrmPage | null, depth: number): void {
    let known = first
    const source = readAhead<CrmObject[]>(chain.after, depth, async after => {
      if (isStopped || !chains.has(chain)) return { items: [], after: null }
      const page = known ?? (await deps.list(after))
      known = null
      const ids = page.results.map(record => record.id)
      const { keep, stops } = chains.read(chain, ids, page.after === null)
      return { items: page.results.slice(0, keep), after: stops ? null : page.after }
    })
    sources.set(chain, source)
    wait(chain, source)
  }

  function stopCutting(event: string, message: string): void {
    if (chains.isCuttable()) log.info({ event }, message)
    chains.stopCutting()
  }

  /** @returns the first page from the record on; `null` where HubSpot does not give it */
  async function pageFrom(id: string): Promise<CrmPage | null> {
    try {
      const page = await deps.list(id)
      // The record itself may be the first one of the page, or the one before it.
      const isThere = isInOrder(
        page.results.map(record => record.id),
        String(BigInt(id) - 1n),
      )
      return isThere ? page : null
    } catch (error) {
      if (error instanceof HubspotError && error.kind === 'rejected') return null
      throw error
    }
  }

  async function find(gap: Gap): Promise<Found> {
    const high = gap.high ?? deps.lastId
    if (high === null) return { gap, cut: null }
    try {
      const cut = await findCut({ ...gap, high }, leastSide, deps.firstFrom)
      if (cut === null) return { gap, cut }
      const page = await pageFrom(cut.id)
      if (page) return { gap, cut, page }
      stopCutting('import_one_chain', 'HubSpot gives no page from the middle of its list')
    } catch (error) {
      // What stops the import as well is met by the chains' own reads.
      if (!(error instanceof HubspotError || error instanceof DomainError)) throw error
      stopCutting('import_not_cut', 'HubSpot did not say where its list can be cut')
    }
    return { gap, cut: null }
  }

  function startCuts(): void {
    while (waiting.size + cuts.size < mostChains && chains.count() < mostStored) {
      const gap = deps.lastId === null || !chains.isCuttable() ? null : chains.takeWidest(least)
      if (!gap) return
      least = leastToCut
      const found = find(gap)
      found.catch(() => {})
      cuts.set(gap, found)
    }
  }

  const open = chains.open()
  for (const chain of open) follow(chain, null, open.length > 1 ? pagesOfEach : pagesOfOne)
  try {
    while (waiting.size > 0) {
      startCuts()
      const next = await Promise.race([...cuts.values(), ...waiting.values()])
      if ('gap' in next) {
        cuts.delete(next.gap)
        const begins =
          next.cut && next.page
            ? {
                after: next.cut.id,
                ids: next.page.results.map(({ id }) => id),
                from: next.cut.from,
              }
            : null
        const added = begins && chains.add(next.gap.chain, begins)
        chains.release(next.gap, added !== null)
        if (added && next.cut) follow(added, next.page, pagesOfEach)
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
