/**
 * @param instants when requests were let go, ms, in any order
 * @returns the most that ever fell into one window of that length
 */
export function fullestWindow(instants: number[], windowMs: number): number {
  const sorted = [...instants].sort((a, b) => a - b)
  let most = 0
  let start = 0
  for (const [end, at] of sorted.entries()) {
    while (at - (sorted[start] ?? at) >= windowMs) start += 1
    most = Math.max(most, end - start + 1)
  }
  return most
}
