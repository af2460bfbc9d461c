const baseMs = 2000
const longestMs = 5 * 60 * 1000

/**
 * How long to leave HubSpot alone after failures in a row: doubling, at most five minutes, half of
 * it random so that partners whose tokens ran out together do not come back together.
 * @param failures in a row, this one included
 * @param askedForMs what HubSpot asked for (`Retry-After`); never less than that
 * @param random a number from 0 to 1
 * @returns milliseconds
 */
export function backOffMs(failures: number, askedForMs: number | null, random: number): number {
  const ceiling = Math.min(longestMs, baseMs * 2 ** Math.min(20, Math.max(0, failures - 1)))
  return Math.max(askedForMs ?? 0, Math.round(ceiling / 2 + (random * ceiling) / 2))
}
