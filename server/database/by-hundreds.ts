const chunkSize = 100

/**
 * Runs a query for a hundred values at a time. A longer `$in` on a text with a unique partial index
 * (`hubspot_id`, `local_email`) makes the planner give up proving that the index covers it, and
 * walk the whole partner instead.
 * @returns the answers of all chunks, one after the other
 */
export async function byHundreds<R>(
  values: readonly string[],
  query: (chunk: string[]) => Promise<R[]>,
): Promise<R[]> {
  const found: R[] = []
  for (let start = 0; start < values.length; start += chunkSize)
    found.push(...(await query(values.slice(start, start + chunkSize))))
  return found
}
