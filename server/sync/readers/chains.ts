import { isGreaterId } from './search-window'

/**
 * How a chain is read: by the list's own pages, or by search, in order of id. Each has a budget of
 * its own at HubSpot.
 */
export type Lane = 'list' | 'search'

/** Search was used for a part of the list, and the list turns out to be in no order of ids. */
export class ListOutOfOrder extends Error {
  constructor() {
    super('The list is in no order of ids, so a search by ids may have left something out')
    this.name = 'ListOutOfOrder'
  }
}

/**
 * A part of a list, read page by page: each page's cursor comes from the page before it. Plain
 * data, so that chains can be a checkpoint.
 */
export interface Chain {
  /** `search`: it is read by search, and its cursor is the last id before; absent: by the list */
  by?: 'search'
  /** Cursor of the next page to store; `null` for the list's beginning */
  after: string | null
  /**
   * The ids that it began with: the chain before it stops where it comes to one of them. Empty for
   * the chain that begins with the list
   */
  first: string[]
  /** HubSpot's records from its beginning to the end of the list; `null` when that is not known */
  from: number | null
  /** How many of them are stored */
  stored: number
  /** All its pages are stored */
  done: boolean
}

/** What is left of a chain, to be cut in two */
export interface Gap {
  chain: Chain
  /** The greatest id that it has read */
  low: string
  /** The first id of the chain after it; `null` where it reaches to the end of the list */
  high: string | null
  /** Records between `low` and `high` */
  left: number
  /** Records from `high` on */
  above: number
}

/** How far a chain has read: further than what is stored */
interface Reading {
  last: string | null
  count: number
  ended: boolean
  busy: boolean
}

/** So many of its first ids tell a chain; one alone may be archived meanwhile. */
const idsThatTell = 5

/** @returns the only chain of a list that is read from this cursor on */
export const oneChain = (after: string | null, from: number | null): Chain[] => [
  { after, first: [], from, stored: 0, done: false },
]

/** Whether ids grow, and all of them are above `low`. */
export function isInOrder(ids: readonly string[], low: string | null): boolean {
  return ids.every((id, place) => {
    const before = place === 0 ? low : (ids[place - 1] ?? null)
    return before === null || isGreaterId(id, before)
  })
}

/**
 * One list, read by several chains at once. Each stops at the end of the list or at a record with
 * which another chain began: so from the list's beginning on each record is in the chain or in the
 * one that it met. Chains of the list follow HubSpot's own cursors, whatever those mean. A chain by
 * search goes by id: it is right where the list is in order of ids, which each page has to show.
 */
export function createChains(saved: readonly Chain[]) {
  const chains = saved.map(chain => ({ ...chain }))
  const readings = new Map<Chain, Reading>()
  let canCut = true
  let isSearched = chains.some(({ by }) => by === 'search')

  const readingOf = (chain: Chain): Reading => {
    const known = readings.get(chain)
    if (known) return known
    const reading = { last: null, count: chain.stored, ended: chain.done, busy: false }
    readings.set(chain, reading)
    return reading
  }
  const after = (chain: Chain): Chain | undefined => chains[chains.indexOf(chain) + 1]

  function drop(chain: Chain): void {
    chains.splice(chains.indexOf(chain), 1)
    readings.delete(chain)
  }

  /** A chain that is done has no more use when none may still come to it. */
  function tidy(): void {
    for (let place = chains.length - 1; place >= 0; place--) {
      const before = chains[place - 1]
      if (chains[place]?.done && (before === undefined || before.done)) chains.splice(place, 1)
    }
  }

  return {
    /** The chains as they are stored, for a checkpoint. */
    saved: (): Chain[] => chains.map(chain => ({ ...chain })),
    open: (): Chain[] => chains.filter(chain => !chain.done),
    count: () => chains.length,
    /** `false`: another chain has read past its beginning, and reads all of it */
    has: (chain: Chain) => chains.includes(chain),
    isCuttable: () => canCut,
    /** From now on no chain is added. Those that there are go on. */
    stopCutting() {
      canCut = false
    },

    /**
     * Notes a page that was read.
     * @returns how many of its records belong to this chain, and whether it stops with them
     * @throws {ListOutOfOrder}
     */
    read(chain: Chain, ids: readonly string[], isLast: boolean): { keep: number; stops: boolean } {
      const reading = readingOf(chain)
      if (!isInOrder(ids, reading.last)) {
        canCut = false
        if (isSearched) throw new ListOutOfOrder()
      }
      let keep = ids.length
      let stops = isLast
      for (let next = after(chain); next; next = after(chain)) {
        const { first } = next
        const meets = ids.findIndex(id => first.includes(id))
        if (meets !== -1) {
          keep = meets
          stops = true
          break
        }
        const lastOfFirst = first.at(-1) ?? '0'
        if (!ids.some(id => isGreaterId(id, lastOfFirst))) break
        // It came past the other one's beginning and saw none of it: it reads that part itself.
        drop(next)
      }
      reading.count += keep
      reading.last = ids[keep - 1] ?? reading.last
      reading.ended ||= stops
      return { keep, stops }
    },

    /** Notes that a page is stored. @param next cursor of the one after it, `null`: the chain ends */
    store(chain: Chain, count: number, next: string | null): void {
      chain.stored += count
      if (next === null) chain.done = true
      else chain.after = next
      tidy()
    },

    /**
     * @param least records that must be left
     * @returns the chain with the most records to read, which is then cut by the caller alone;
     *   `null` when no chain has so many
     */
    takeWidest(least: number): Gap | null {
      let widest: Gap | null = null
      for (const chain of chains) {
        const { last, count, ended, busy } = readingOf(chain)
        if (ended || busy || last === null || chain.from === null) continue
        const next = after(chain)
        const above = next ? next.from : 0
        if (above === null) continue
        const left = chain.from - above - count
        if (left < least || left <= (widest?.left ?? 0)) continue
        widest = { chain, low: last, high: next?.first[0] ?? null, left, above }
      }
      if (widest) readingOf(widest.chain).busy = true
      return widest
    },

    /** The cut is over. @param again whether the chain may be cut once more */
    release({ chain }: Gap, again: boolean): void {
      const reading = readings.get(chain)
      if (reading) reading.busy = !again
    },

    /**
     * Adds a chain between one and its next.
     * @param begins how it is read, its first cursor, the ids of its first page, and the records
     *   from there on
     * @returns the new chain; `null` when the other one has come so far already
     */
    add(
      chain: Chain,
      begins: { lane: Lane; after: string; ids: readonly string[]; from: number },
    ): Chain | null {
      const [id] = begins.ids
      if (!canCut || id === undefined || !chains.includes(chain)) return null
      const { last, ended } = readingOf(chain)
      const high = after(chain)?.first[0]
      if (ended || last === null || !isGreaterId(id, last)) return null
      if (high !== undefined && !isGreaterId(high, id)) return null
      const added: Chain = {
        ...(begins.lane === 'search' ? { by: begins.lane } : {}),
        after: begins.after,
        first: begins.ids.slice(0, idsThatTell),
        from: begins.from,
        stored: 0,
        done: false,
      }
      isSearched ||= added.by === 'search'
      chains.splice(chains.indexOf(chain) + 1, 0, added)
      return added
    },
  }
}
export type Chains = ReturnType<typeof createChains>
