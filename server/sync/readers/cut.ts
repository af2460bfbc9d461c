/** A cut leaves each side this part of the records at least. */
const leastShare = 0.25
/** Searches for one cut at most: each halves the ids that are left */
const mostSearches = 8

export interface Cut {
  /** The id of a record that exists */
  id: string
  /** Records with this id or a greater one */
  from: number
}

/**
 * Finds an id that parts records about in half. Ids are not spread evenly: HubSpot's search says
 * how many records lie above one.
 * @param low greatest id below, `high` first id above, `left` how many records lie between them,
 *   `above` how many from `high` on
 * @param least records on each side of a cut that is not near the middle
 * @param firstFrom asks HubSpot for the first record from an id on, and how many there are
 * @returns `null` where there is no such id
 */
export async function findCut(
  { low, high, left, above }: { low: string; high: string; left: number; above: number },
  least: number,
  firstFrom: (id: string) => Promise<Cut | null>,
): Promise<Cut | null> {
  let lower = BigInt(low)
  let upper = BigInt(high)
  let best: { cut: Cut; smaller: number } | null = null
  for (let search = 0; search < mostSearches && upper - lower > 1n; search++) {
    const middle = lower + (upper - lower) / 2n
    const cut = await firstFrom(String(middle))
    const over = cut === null ? 0 : cut.from - above
    const smaller = Math.min(over, left - over)
    if (cut !== null && smaller >= least && smaller > (best?.smaller ?? 0)) best = { cut, smaller }
    if (smaller >= left * leastShare) break
    if (cut !== null && over > left / 2) lower = BigInt(cut.id)
    else upper = middle
  }
  return best?.cut ?? null
}
