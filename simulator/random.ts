/**
 * A well-mixed unsigned 32-bit number that depends on nothing but its arguments (the finalizer of
 * MurmurHash3). The portal's data is made of these, so that any record can be computed without the
 * ones before it.
 */
export function hash32(seed: number, salt: number, index: number): number {
  let h =
    Math.imul(seed ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** @returns one of `items`, always the same one for the same arguments */
export function pick<const T extends readonly [unknown, ...unknown[]]>(
  items: T,
  seed: number,
  salt: number,
  index: number,
): T[number] {
  return items[hash32(seed, salt, index) % items.length]
}

/** A repeatable source of numbers in [0, 1), for what the simulator does by chance (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
